"""A database that is full, restarted, read-only, or replaced by its standby, under load."""

import os
import pwd
import shutil
import subprocess
import time

from house import Crowd, House, end, every_email_arrives, links_work_at_most_once, only_links_made_sessions


def judged(house, crowd, pressed=10):
    """Checks what must be true, and returns it in words."""
    links = every_email_arrives(house, crowd)
    signed_in = links_work_at_most_once(house, crowd, links, pressed)
    only_links_made_sessions(house, signed_in)
    return f"{len(crowd.accepted)} emails promised and sent, {crowd.refused} requests answered 503, away for {crowd.longest_away:.1f} s at most"


def full_disk(binary, rounds):
    """SQLite on a disk of 16 MB that runs full under load."""
    house = House(binary)
    disk = mounted(house.folder / "disk", "16m")
    try:
        shutil.copy(house.database_file(), disk / "gatepost.db")
        house.settings["GATEPOST_DATABASE_URL"] = f"sqlite://{disk}/gatepost.db"
        house.database_file = lambda: disk / "gatepost.db"
        return filled_up(house, disk, rounds)
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=False)
        house.clean()


def full_disk_of_postgres(binary, pair, rounds):
    """PostgreSQL's tables on a disk of 32 MB. Its log is elsewhere: without room for that, PostgreSQL ends."""
    disk = mounted(pair.root / "disk", "32m")
    user = pwd.getpwnam("postgres")
    os.chown(disk, user.pw_uid, user.pw_gid)
    pair.primary.do(f"CREATE TABLESPACE small LOCATION '{disk}'")
    house = None
    try:
        pair.primary.do("CREATE DATABASE gatepost_full TABLESPACE small")
        house = House(binary, pair.primary.url("gatepost_full"))
        return filled_up(house, disk, rounds)
    finally:
        pair.primary.do("DROP DATABASE IF EXISTS gatepost_full WITH (FORCE)")
        pair.primary.do("DROP TABLESPACE small")
        subprocess.run(["umount", "-l", str(disk)], check=False)
        if house:
            house.clean()


def mounted(disk, size):
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(disk)], check=True)
    return disk


def filled_up(house, disk, rounds):
    """Fills the disk under load and makes room again, time after time."""
    process, crowd = house.start(), Crowd(house, "full").start()
    try:
        for _ in range(rounds):
            crowd.wait_for(len(crowd.accepted) + 5)
            before = crowd.refused
            with open(disk / "ballast", "wb", buffering=0) as ballast:
                limit = time.monotonic() + 60
                while crowd.refused == before and time.monotonic() < limit:
                    fill(ballast)
                    time.sleep(0.05)
            if crowd.refused == before:
                raise SystemExit("a full disk refused no request")
            if unlike := set(crowd.statuses) - {503}:
                raise SystemExit(f"a full disk answered {unlike}")
            os.unlink(disk / "ballast")
            crowd.wait_for(len(crowd.accepted) + 5)
        crowd.stop()
        said = judged(house, crowd)
    finally:
        crowd.stop()
        ended = end(process)
    if ended:
        raise SystemExit("it did not end well")
    return f"{rounds} full disks: {said}"


def fill(ballast):
    """Writes until there is no room for one more byte."""
    for size in (65536, 4096, 1):
        try:
            while ballast.write(b"\0" * size) == size:
                pass
        except OSError:
            pass


def restarted(binary, pair, rounds):
    house = House(binary, pair.database())
    process, crowd = house.start(), Crowd(house, "restart").start()
    try:
        for number in range(rounds):
            crowd.wait_for(len(crowd.accepted) + 5)
            # By turns as an admin would, and as a power cut would.
            pair.primary.stop() if number % 2 == 0 else pair.primary.kill()
            pair.primary.start()
            crowd.wait_for(len(crowd.accepted) + 5)
        crowd.stop()
        said = judged(house, crowd)
        if process.poll() is not None:
            raise SystemExit("it ended")
        return f"{rounds} restarts of PostgreSQL: {said}"
    finally:
        crowd.stop()
        end(process)
        house.clean()


def read_only(binary, pair, rounds):
    url = pair.database()
    house = House(binary, url)
    process, crowd = house.start(), Crowd(house, "readonly").start()
    name = url.rsplit("/", 1)[1].split("?")[0]
    try:
        for _ in range(rounds):
            crowd.wait_for(len(crowd.accepted) + 5)
            before = crowd.refused
            pair.primary.do(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
            pair.primary.do(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
            limit = time.monotonic() + 30
            while crowd.refused == before and time.monotonic() < limit:
                time.sleep(0.05)
            if crowd.refused == before:
                raise SystemExit("a database that takes no writes refused no request")
            pair.primary.do(f"ALTER DATABASE {name} SET default_transaction_read_only = off")
            pair.primary.do(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
            crowd.wait_for(len(crowd.accepted) + 5)
        crowd.stop()
        return f"{rounds} times read-only: {judged(house, crowd)}"
    finally:
        crowd.stop()
        end(process)
        house.clean()


def failed_over(binary, pair):
    url = pair.database()
    name = url.rsplit("/", 1)[1].split("?")[0]
    house = House(binary, url)
    pair.add_standby()
    house.settings["GATEPOST_DATABASE_URL"] = pair.url_of_both(name)
    process, crowd = house.start(), Crowd(house, "failover").start()
    try:
        crowd.wait_for(20)
        pair.fail_over()
        crowd.wait_for(len(crowd.accepted) + 20)
        crowd.stop()
        house.postgres = pair.standby.url(name)
        return f"a failover: {judged(house, crowd)}"
    finally:
        crowd.stop()
        end(process)
        house.clean()
