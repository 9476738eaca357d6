"""Writes documents with redis-om and rapyer: python write.py redis://localhost:6379"""
from models import URL, WHEN, Customer, ShopAddress, Task, TaskPlace, Ticket  # first: it says where the database is
import asyncio

import rapyer
from redis_om import Migrator


async def tasks():
    await rapyer.init_rapyer(URL)
    for pk, n in (("k1", 7), ("k2", 1)):
        task = Task(title=f"Task {n}", n=n, ratio=1.5, due=WHEN, made=WHEN, labels=["a", "b c"], counts={"k": 1}, place=TaskPlace(city="Oslo"))
        task.pk = pk
        await task.asave()
    await rapyer.teardown_rapyer()


Migrator().run()
Customer(pk="c1", name="Ann Lee|x", age=34, score=1.5, vip=True, joined=WHEN, tags=["vip", "b c"], address=ShopAddress(city="Oslo")).save()
Customer(pk="c2", name="Bob", age=19, score=2, vip=False, joined=WHEN, address=ShopAddress(city="Rome", zip="00100"), note="n").save()
Ticket(pk="t1", title="Concert", seats=2, open=True, opened=WHEN, note="front").save()
Ticket(pk="t2", title="Closed", seats=5, open=False, opened=WHEN).save()
asyncio.run(tasks())
print("written by redis-om and rapyer")
