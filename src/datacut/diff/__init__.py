"""What differs between two builds, and what each difference goes back to. Reads stored builds, runs nothing."""
