package shop

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql"
	"github.com/rql-lang/rql/rqltest"
)

// What is generated runs: each kind of function, and each type there and back.
func TestGenerated(t *testing.T) {
	db := rqltest.New(t, Models)
	ctx := t.Context()
	email := "ann@example.com"
	_, err := AddCustomer(ctx, db, NewCustomer{ID: "ann", Name: "Ann", Email: &email, Home: &Address{Street: "A 1", City: "Oslo"}})
	require.NoError(t, err)
	for _, id := range []string{"bob", "cid"} {
		_, err := AddCustomer(ctx, db, NewCustomer{ID: id, Name: id, Vip: new(true), Home: &Address{City: "Oslo"}})
		require.NoError(t, err)
	}

	c, ok, err := CustomerByID(ctx, db, "ann")
	require.NoError(t, err)
	require.True(t, ok)
	require.False(t, c.Vip, "it has its DEFAULT")
	require.Equal(t, email, *c.Email)
	require.Equal(t, Address{Street: "A 1", City: "Oslo"}, *c.Home)
	require.WithinDuration(t, time.Now(), c.Joined, time.Minute)
	_, ok, err = CustomerByID(ctx, db, "zoe")
	require.NoError(t, err)
	require.False(t, ok)

	first, err := Customers(ctx, db, "")
	require.NoError(t, err)
	require.Len(t, first.Rows, 2)
	second, err := Customers(ctx, db, first.Cursor)
	require.NoError(t, err)
	require.Equal(t, "cid", second.Rows[0].ID)
	require.True(t, second.Rows[0].Vip)
	of, err := CustomersOf(ctx, db, CustomersOfParams{City: "Oslo", N: 10})
	require.NoError(t, err)
	require.Len(t, of.Rows, 3)

	row, err := AddPurchase(ctx, db, AddPurchaseParams{ID: "p1", Customer: "ann", Lines: []Line{{"pen", 2}}, Total: 3.5})
	require.NoError(t, err)
	require.Equal(t, AddPurchaseRow{ID: "p1", State: PurchaseStateOpen}, row)
	note := "soon"
	_, err = AddPurchase(ctx, db, AddPurchaseParams{ID: "p2", Customer: "ann", Total: 1, Note: &note})
	require.NoError(t, err)
	_, err = Pay(ctx, db, "p2")
	require.NoError(t, err)

	for want, form := range map[string]SearchPurchasesParams{
		"[p1 p2]": {},
		"[p1]":    {Min: new(2.0)},
		"[p2]":    {Max: new(2.0), Customer: new("ann"), Note: &note},
		"[]":      {States: new([]PurchaseState)},
	} {
		ids, err := SearchPurchases(ctx, db, form)
		require.NoError(t, err)
		require.Equal(t, want, fmt.Sprint(ids))
	}
	list, err := PurchasesOf(ctx, db, PurchasesOfParams{Customer: "ann", States: []PurchaseState{PurchaseStateOpen, PurchaseStateSentOut}})
	require.NoError(t, err)
	require.Len(t, list, 1)
	require.Equal(t, "Ann", *list[0].Name)
	require.Equal(t, []Line{{"pen", 2}}, list[0].Lines)
	require.Equal(t, map[string]string{"kind": "new"}, list[0].Labels)
	require.Nil(t, list[0].WhereTo)
	n, err := HowMany(ctx, db, PurchaseStatePaid)
	require.NoError(t, err)
	require.Equal(t, int64(1), n)
	var ids []string
	for id, err := range PurchaseIDs(ctx, db) {
		require.NoError(t, err)
		ids = append(ids, id)
	}
	require.Equal(t, []string{"p1", "p2"}, ids)
	sum, err := Revenue(ctx, db)
	require.NoError(t, err)
	require.Equal(t, RevenueRow{Total: 4.5, Orders: 2}, sum)

	res, err := SetNote(ctx, db, SetNoteParams{ID: "p2"})
	require.NoError(t, err)
	require.Equal(t, int64(1), res.Affected)
	named, err := Rename(ctx, db, RenameParams{ID: "ann", Name: "Anna"})
	require.NoError(t, err)
	require.Equal(t, "Anna", named.Name)
	_, err = SetNote(ctx, db, SetNoteParams{ID: "p9"})
	require.ErrorIs(t, err, rql.ErrNotFound)
}

// Lists of documents and of keys, and texts in a batch.
func TestListsAndBatches(t *testing.T) {
	db := rqltest.New(t, Models)
	ctx := t.Context()
	ids, err := AddCustomers(ctx, db, []NewCustomer{{ID: "ann", Name: "Ann"}, {ID: "bob", Name: "Bob", Vip: new(true)}})
	require.NoError(t, err)
	require.Equal(t, []string{"ann", "bob"}, ids)
	res, err := PutCustomers(ctx, db, []NewCustomer{{ID: "bob", Name: "Robert"}, {ID: "cid", Name: "Cid"}})
	require.NoError(t, err)
	require.EqualValues(t, 1, res.Affected, "PUT counts those that are new")
	_, err = AddPurchase(ctx, db, AddPurchaseParams{ID: "p1", Customer: "ann", Total: 1})
	require.NoError(t, err)

	b := db.Batch()
	label, put := QueueLabel(b, LabelParams{ID: "p1", Label: "gift"}), QueuePutCustomers(b, []NewCustomer{{ID: "dan", Name: "Dan"}})
	rows, none := QueueCustomersByID(b, []string{"bob", "zoe", "dan"}), QueuePurchaseByID(b, "p2")
	one, paid := QueuePurchaseByID(b, "p1"), QueuePaid(b)
	err = b.Send(ctx)
	require.ErrorIs(t, err, rql.ErrNotFound, "that of p2")
	res, err = label.Result()
	require.NoError(t, err)
	require.EqualValues(t, 1, res.Affected)
	res, err = put.Get()
	require.NoError(t, err)
	require.EqualValues(t, 1, res.Affected)
	list, err := rows.All()
	require.NoError(t, err)
	require.Equal(t, []CustomersByIDRow{{"bob", "Robert"}, {"dan", "Dan"}}, list)
	_, ok, err := none.Maybe()
	require.NoError(t, err)
	require.False(t, ok)
	p, err := one.Get()
	require.NoError(t, err)
	require.Equal(t, map[string]string{"kind": "gift"}, p.Labels)
	n, err := paid.Get()
	require.NoError(t, err)
	require.Zero(t, n)
}
