"""What other teams would write or take for the same data, to be measured beside the register."""
