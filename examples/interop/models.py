"""The same data as redis-om and rapyer see it."""
import datetime
import os
import sys
from typing import Dict, List, Optional

URL = sys.argv[1] if len(sys.argv) > 1 else "redis://localhost:6379"
os.environ["REDIS_OM_URL"] = URL

from pydantic import BaseModel
from rapyer import AtomicRedisModel
from rapyer.fields import Index
from redis_om import EmbeddedJsonModel, Field, HashModel, JsonModel

UTC = datetime.timezone.utc
WHEN = datetime.datetime(2024, 5, 6, 7, 8, 9, 123456, tzinfo=UTC)


class ShopAddress(EmbeddedJsonModel):
    city: str
    zip: Optional[str] = None


class Customer(JsonModel, index=True):
    name: str = Field(index=True)
    age: int = Field(index=True)
    score: float
    vip: bool
    joined: datetime.datetime
    tags: List[str] = []
    address: ShopAddress
    note: Optional[str] = None

    class Meta:
        global_key_prefix = "shop"
        model_key_prefix = "customer"


class Ticket(HashModel, index=True):
    title: str = Field(index=True)
    seats: int = Field(index=True)
    open: bool
    opened: datetime.datetime
    note: Optional[str] = None

    class Meta:
        global_key_prefix = "shop"
        model_key_prefix = "ticket"


class TaskPlace(BaseModel):
    city: str
    zip: Optional[str] = None


class Task(AtomicRedisModel):
    title: Index[str]
    n: Index[int]
    ratio: float
    due: datetime.datetime
    made: Index[datetime.datetime]
    labels: List[str] = []
    counts: Dict[str, int] = {}
    place: TaskPlace
    note: Optional[str] = None
