"""Rules as data, the checks that apply them to datasets and Define-XML, and CDISC CORE as an outside opinion."""
