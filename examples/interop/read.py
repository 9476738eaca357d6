"""Reads with redis-om and rapyer what RQL changed and made: python read.py redis://localhost:6379"""
from models import URL, WHEN, Customer, Task, Ticket  # first: it says where the database is
import asyncio
import datetime

import rapyer


hour, day = datetime.timedelta(hours=1), datetime.timedelta(days=1)
ms = WHEN.replace(microsecond=123000)  # RQL counts milliseconds

c = Customer.get("c1")
assert (c.age, c.tags, c.address.city, c.note, c.joined) == (35, ["vip", "b c", "rql"], "Bergen", "seen", ms + hour), c
assert c.score == 1.5 and c.vip is True and c.name == "Ann Lee|x", c
assert Customer.get("c2").joined == WHEN  # what RQL did not change has its bytes still
c = Customer.get("c9")
assert (c.pk, c.name, c.age, c.vip, c.address.city, c.address.zip, c.note) == ("c9", "Nia", 44, True, "Lima", None, None), c
assert sorted(x.pk for x in Customer.find(Customer.age > 30).all()) == ["c1", "c9"]  # its own index has them

t = Ticket.get("t1")
assert (t.seats, t.note, t.open, t.opened) == (1, None, True, WHEN), t
t = Ticket.get("t9")
assert (t.title, t.seats, t.open, t.note) == ("Made by RQL", 3, True, None), t
assert sorted(x.pk for x in Ticket.find(Ticket.seats < 4).all()) == ["t1", "t9"]


async def tasks():
    await rapyer.init_rapyer(URL)
    k = await Task.aget("k1")
    assert (k.n, dict(k.counts), k.note, k.due) == (14, {"k": 1, "rql": 1}, "moved", ms + day), k
    k = await Task.aget("k9")
    assert (k.title, k.n, k.ratio, list(k.labels), k.place.city, k.note) == ("Made by RQL", 9, 0.25, [], "Lima", None), k
    for _ in range(100):  # rapyer makes its index anew when it starts, and the server fills it in the background
        found = sorted(x.pk for x in await Task.afind(Task.n > 8))
        if found == ["k1", "k9"]:
            break
        await asyncio.sleep(0.05)
    assert found == ["k1", "k9"], found
    await rapyer.teardown_rapyer()


asyncio.run(tasks())
print("redis-om and rapyer read what RQL changed and made")
