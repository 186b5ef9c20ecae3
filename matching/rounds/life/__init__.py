"""The life of a round: from draft to archive, one verb at a time.

A verb is a function `(session, call, round_id, ...) -> Happened`: it changes rows and never commits;
`api.unit_of_work` runs it and writes down what happened in the same transaction.

What every chapter stands on: `phases` (states, verbs, the one table), `calls` (who asks, and when),
`events` (what is told), `tables` and `store` (rows and every question about them), `reach` and `hold`
(how far a caller reaches; taking a round without moving it), `clock`, `deadlines`, `workdays`, `plain`.

The chapters, in the order of a life:

1. `drafting`, `moves`: settings, the commitment; announce, open, pause, extend, close, void.
2. `handing`, `entries`, `checking`, `reaching`: ballots typed, handed in, changed; `adopting`, `papers`: paper.
   `receipts`, `merkle`: what a teacher holds in her hand. `reviewing`: what her school says.
3. `sealing`, `snapshots`: what is solved from is frozen, then the seed is shown.
4. `answers`, `results`: a solve is asked for, its answers are kept. `refereeing`: one looked at again.
5. `overrides`, `publishing`, `appeals`: by hand, for everybody's eyes, objections, final.
6. `places`, `hall`, `refill`, `standings`, `changes`: seats offered, confirmed, given up, passed on.
7. `membership`: who belongs to a section on which half-days. `marking`, `roll`, `posting`: who came,
   and hours on their way to the ledger.

Beside them: `notices` (messages in words), `tallies` (how many are where). Archives are made in
`api.archive` and rechecked by `matching.verify`.
"""
