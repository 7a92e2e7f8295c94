"""How large the fault tests are: quick ones in `./run test`, full ones in `./run soak`.

1. One place for every number, the least ones too: a test fails that did not reach them.
2. `FAULTS=soak` chooses the full sizes, `FAULTS_SEED=…` the chance of an earlier run.
3. All workers of a run have one seed: they inherit it.
"""

from __future__ import annotations

import os
import secrets
from typing import NamedTuple


class Kills(NamedTuple):
    """Deaths of the server within a commit, by itself; and from outside, at any moment."""

    inside: int
    outside: int
    longest: float
    """Seconds until one from outside, at most, once there is something to lose."""
    least_inside: int
    least_acknowledged: int


class Cuts(NamedTuple):
    """Power cuts: so many, and what they must have hit."""

    cuts: int
    least_lost: int
    least_torn: int
    least_in_checkpoints: int
    least_acknowledged: int
    without_sync: int
    """Cuts with the guard out; and how many acknowledged messages they must lose."""
    lost_without_sync: int


class Errors(NamedTuple):
    """Errors of the disk: fsync, write, and no room for a while."""

    each: int
    full: int


class Restarts(NamedTuple):
    """Restarts under load: messages each second, and sockets that only listen."""

    restarts: int
    rate: int
    idle: int
    seconds: float
    least_acknowledged: int


class Network(NamedTuple):
    """Sends through a bad network, and what it must have done to frames."""

    sends: int
    least_repeated: int
    least_delayed: int
    least_cut: int


class Clocks(NamedTuple):
    """Jumps of the machine's clock."""

    jumps: int


class Endings(NamedTuple):
    """Logins that end while they send, in each of the ways."""

    each: int


class Readers(NamedTuple):
    """Sockets left unread beside healthy ones, and messages of 8 KB for all of them."""

    slow: int
    healthy: int
    messages: int


class Peers(NamedTuple):
    """Devices in a process that is stopped."""

    devices: int


class Storm(NamedTuple):
    """Sockets that all come back at once, of so many people with five sessions each."""

    sockets: int
    circles: int


class Screen(NamedTuple):
    """Messages that are typed into a page, and told to it, through a bad network."""

    typed: int
    told: int
    least_repeated: int
    least_cut: int


class Devices(NamedTuple):
    """Messages of each of three devices, and kills of the server meanwhile."""

    each: int
    kills: int


class Long(NamedTuple):
    """Messages of a session that is scrolled through, and how far it is scrolled down again."""

    messages: int
    down: int


class Timing(NamedTuple):
    """Invitations of each branch whose answers are timed, and how many people ask; so many find a server that tells."""

    calls: int
    askers: int
    careless: int


class Sizes(NamedTuple):
    """All of them."""

    kills: Kills
    cuts: Cuts
    errors: Errors
    restarts: Restarts
    backups: int
    network: Network
    clocks: Clocks
    endings: Endings
    readers: Readers
    peers: Peers
    storm: Storm
    screen: Screen
    devices: Devices
    long: Long
    timing: Timing


QUICK = Sizes(
    kills=Kills(inside=17, outside=8, longest=0.5, least_inside=17, least_acknowledged=10_000),
    cuts=Cuts(
        cuts=60,
        least_lost=400,
        least_torn=40,
        least_in_checkpoints=12,
        least_acknowledged=2_000,
        without_sync=30,
        lost_without_sync=100,
    ),
    errors=Errors(each=3, full=2),
    backups=4,
    restarts=Restarts(restarts=5, rate=200, idle=50, seconds=0.7, least_acknowledged=500),
    network=Network(sends=1_000, least_repeated=500, least_delayed=500, least_cut=10),
    clocks=Clocks(jumps=5),
    endings=Endings(each=2),
    readers=Readers(slow=20, healthy=5, messages=2_000),
    peers=Peers(devices=20),
    storm=Storm(sockets=2_000, circles=10),
    screen=Screen(typed=40, told=160, least_repeated=100, least_cut=2),
    devices=Devices(each=24, kills=3),
    long=Long(messages=2_000, down=600),
    timing=Timing(calls=12, askers=4, careless=12),
)
SOAK = Sizes(
    kills=Kills(inside=340, outside=160, longest=2, least_inside=340, least_acknowledged=100_000),
    cuts=Cuts(
        cuts=3_000,
        least_lost=20_000,
        least_torn=2_000,
        least_in_checkpoints=600,
        least_acknowledged=100_000,
        without_sync=300,
        lost_without_sync=1_000,
    ),
    errors=Errors(each=20, full=20),
    backups=60,
    restarts=Restarts(restarts=20, rate=200, idle=500, seconds=3, least_acknowledged=8_000),
    network=Network(sends=10_000, least_repeated=5_000, least_delayed=5_000, least_cut=100),
    clocks=Clocks(jumps=100),
    endings=Endings(each=50),
    readers=Readers(slow=100, healthy=100, messages=4_000),
    peers=Peers(devices=100),
    storm=Storm(sockets=10_000, circles=50),
    screen=Screen(typed=1_000, told=9_000, least_repeated=5_000, least_cut=100),
    devices=Devices(each=60, kills=12),
    long=Long(messages=100_000, down=10_000),
    timing=Timing(calls=2_000, askers=8, careless=300),
)
IS_SOAK = os.environ.get("FAULTS") == "soak"
SIZES = SOAK if IS_SOAK else QUICK
SEED = int(os.environ.get("FAULTS_SEED") or secrets.randbits(32))
os.environ["FAULTS_SEED"] = str(SEED)
HIT = "hit"
"""Under this name a test's outcome says what really hit."""
