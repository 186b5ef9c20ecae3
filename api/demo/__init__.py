"""`xuanke demo`: a whole county from its spreadsheets to a checked, explained result, and the account."""
