"""What calls cost: prices from the settings or from the published list, times tokens."""
