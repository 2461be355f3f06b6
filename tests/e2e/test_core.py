"""`datacut check --core`: what is said where CDISC CORE is absent."""


def test_without_a_rule_cache_the_check_cannot_run(copied, command):
    run = command(copied, "check", "--core", DATACUT_CORE_CACHE="", DATACUT_CORE_ENV=str(copied))
    assert run.code == 2
    assert run.err.startswith("datacut: CDISC CORE needs a rule cache. Name its folder with --core-cache")
    assert "Traceback" not in run.err


def test_without_an_environment_the_check_cannot_run(copied, command):
    cache = copied / "cache"
    cache.mkdir()
    (cache / "rules.pkl").write_bytes(b"")
    run = command(copied, "check", "--core", "--core-cache", "cache", DATACUT_CORE_ENV=str(copied / "absent"))
    assert run.code == 2
    assert "absent: no environment of CDISC CORE. Run `datacut core setup`, or name one with" in run.err
    assert "Traceback" not in run.err
