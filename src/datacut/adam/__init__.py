"""ADaM: one file per derivation family, in admiral's grammar; `build` executes one spec."""
