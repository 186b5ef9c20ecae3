"""One fit by another program, run inside the environment of the peers: `irt_peer.py NAME FILE`.

Prints its figures as one line of JSON. Nothing of ours is imported here.
"""

import json
import sys
import time

import numpy as np


def girth(table):
    from girth import grm_mml

    found = grm_mml(table.T.astype(int))
    return np.asarray(found["Discrimination"]), None, {}


def mirt(nodes):
    def run(table):
        import mirt as program

        found = program.fit_mirt(table.astype(int), model="GRM", n_quadpts=nodes)
        scores = program.fscores(found, table.astype(int), method="EAP")
        theta = np.asarray(scores.theta).reshape(-1)
        slopes = np.asarray(found.model.parameters["discrimination"]).reshape(-1)
        return (
            slopes,
            theta,
            {
                "logLik": float(found.log_likelihood),
                "says_converged": float(bool(found.converged)),
            },
        )

    return run


FITS = {"girth": girth, "mirt-21": mirt(21), "mirt-61": mirt(61)}


def main():
    data = np.load(sys.argv[2])
    fit = FITS[sys.argv[1]]
    started = time.process_time()
    slopes, theta, more = fit(data["table"])
    spent = time.process_time() - started
    figures = {"cpu_seconds": spent, **more}
    figures["rmse_slope"] = float(np.sqrt(np.mean((slopes - data["slopes"]) ** 2)))
    if theta is not None:
        figures["rmse_theta"] = float(np.sqrt(np.mean((theta - data["theta"]) ** 2)))
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
