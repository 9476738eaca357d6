"""The jobs of bench/peers, done with rapyer and redis-om.

Reads lines `<job> <times>` and answers each with the seconds that one of them took, or with
`skip` where the library has no way to do the job, or with `error <what>`.
Arguments: library, URL, number of documents.
"""
import asyncio
import os
import sys
import time

library, url, docs = sys.argv[1], sys.argv[2], int(sys.argv[3])
CITIES = ["Oslo", "Rome", "Lima", "Cairo", "Kyoto"]


def fields(i):
    return dict(owner=f"owner {i}", city=CITIES[i % 5], balance=1000, rank=i)


class Turn:
    """Numbers one after the other, spread over the documents."""

    def __init__(self, n):
        self.n, self.i = n, 0

    def __call__(self):
        self.i += 1
        return self.i * 7919 % self.n


def session(turn):
    """Of each 1,000 documents the first 100 have a twin that expires."""
    return turn() // 1000 * 1000 + turn.i % 100


def rapyer_jobs():
    import rapyer
    from rapyer import AtomicRedisModel
    from rapyer.fields import Index, Key

    class RAccount(AtomicRedisModel):
        id: Key[str]
        owner: str
        city: str
        balance: int
        rank: Index[int]

    class RSession(AtomicRedisModel):
        id: Key[str]
        owner: str
        city: str
        balance: int
        rank: Index[int]
        Meta = rapyer.config.RedisConfig(ttl=3600)

    fresh = [docs]
    turn = Turn(docs - 1000)

    def new(of=RAccount):
        fresh[0] += 1
        return of(id=f"n{fresh[0]}", **fields(docs + fresh[0]))

    async def setup():
        await rapyer.init_rapyer(url)
        for at in range(0, docs, 1000):
            await RAccount.ainsert(*[RAccount(id=f"a{i}", **fields(i)) for i in range(at, min(docs, at + 1000))])
            await RSession.ainsert(*[RSession(id=f"a{i}", **fields(i)) for i in range(at, at + 100)])

    async def get():
        await RAccount.aget(f"RAccount:a{turn()}")

    async def create():
        await new().asave()

    async def change():
        a = await RAccount.aget(f"RAccount:a{turn()}")
        a.balance += 1
        await a.asave()

    async def bulk():
        await RAccount.ainsert(*[new() for _ in range(1000)])

    def find(n):
        async def run():
            lo = turn()
            got = await RAccount.afind((RAccount.rank >= lo) & (RAccount.rank < lo + n), max_results=n)
            assert len(got) == n, len(got)

        return run

    async def transfer():
        i = turn()
        async with RAccount.alock_from_key(f"RAccount:a{i}", save_at_end=True) as a:
            async with RAccount.alock_from_key(f"RAccount:a{i + 1}", save_at_end=True) as b:
                if a.balance < 1:
                    raise ValueError("insufficient funds")
                a.balance -= 1
                b.balance += 1

    async def ttl():
        await new(RSession).asave()

    async def refresh():
        await RSession.aget(f"RSession:a{session(turn)}")

    async def either():
        i = turn()
        await RAccount.aget_or_create(new() if turn.i % 2 == 0 else RAccount(id=f"a{i}", **fields(i)))

    async def lock():
        async with RAccount.alock_from_key(f"RAccount:a{turn()}", save_at_end=True) as a:
            a.balance += 1

    async def start():
        await rapyer.init_rapyer(url)
        await RAccount.aget("RAccount:a1")

    return setup, dict(get=get, create=create, change=change, bulk=bulk, find50=find(50), find1000=find(1000), transfer=transfer,
                       ttl=ttl, refresh=refresh, either=either, lock=lock, start=start)


def redis_om_jobs():
    os.environ["REDIS_OM_URL"] = url
    from redis_om import Field, JsonModel, Migrator, NotFoundError, get_redis_connection

    class OAccount(JsonModel, index=True):
        id: str = Field(primary_key=True)
        owner: str
        city: str
        balance: int
        rank: int = Field(index=True)

        class Meta:
            global_key_prefix = "om"
            model_key_prefix = "account"
            database = get_redis_connection(url=url)

    class OSession(JsonModel, index=True):
        id: str = Field(primary_key=True)
        owner: str
        city: str
        balance: int
        rank: int = Field(index=True)

        class Meta:
            global_key_prefix = "om"
            model_key_prefix = "session"
            database = get_redis_connection(url=url)

    fresh = [docs]
    turn = Turn(docs - 1000)

    def new(of=OAccount):
        fresh[0] += 1
        return of(id=f"n{fresh[0]}", **fields(docs + fresh[0]))

    async def setup():
        Migrator().run()
        for at in range(0, docs, 1000):
            OAccount.add([OAccount(id=f"a{i}", **fields(i)) for i in range(at, min(docs, at + 1000))])
            OSession.add([OSession(id=f"a{i}", **fields(i)) for i in range(at, at + 100)])

    async def get():
        OAccount.get(f"a{turn()}")

    async def create():
        new().save()

    async def change():
        a = OAccount.get(f"a{turn()}")
        a.balance += 1
        a.save()

    async def bulk():
        OAccount.add([new() for _ in range(1000)])

    def find(n):
        async def run():
            lo = turn()
            got = OAccount.find((OAccount.rank >= lo) & (OAccount.rank < lo + n)).all()
            assert len(got) == n, len(got)

        return run

    async def ttl():
        s = new(OSession)
        s.save()
        s.expire(3600)

    async def refresh():
        OSession.get(f"a{session(turn)}").expire(3600)

    async def either():
        i = turn()
        a = new() if turn.i % 2 == 0 else OAccount(id=f"a{i}", **fields(i))
        try:
            OAccount.get(a.id)
        except NotFoundError:
            a.save()

    async def start():
        OAccount._meta.database = get_redis_connection(url=url)
        Migrator().run()
        OAccount.get("a1")

    return setup, dict(get=get, create=create, change=change, bulk=bulk, find50=find(50), find1000=find(1000),
                       ttl=ttl, refresh=refresh, either=either, start=start)


async def main():
    setup, jobs = {"rapyer": rapyer_jobs, "redis-om": redis_om_jobs}[library]()
    await setup()
    print("ready", flush=True)
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        job, times = line.split()
        if job not in jobs:
            print("skip", flush=True)
            continue
        try:
            start = time.perf_counter()
            for _ in range(int(times)):
                await jobs[job]()
            print((time.perf_counter() - start) / int(times), flush=True)
        except Exception as e:  # the program that asks decides what to do
            print("error", type(e).__name__, str(e).replace("\n", " ")[:300], flush=True)


asyncio.run(main())
