"""Hours and credit: rule sets, what is due, the append-only ledger, bans."""
