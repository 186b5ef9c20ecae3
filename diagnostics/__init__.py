"""What is known of a teacher: profile, ability, need, hours and credit."""
