package keyspace

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The slot of each tag lies in its part of the slots, and no two tags are equal.
func TestTags(t *testing.T) {
	for _, n := range []int{1, 8, 256, 1024} {
		for _, name := range []string{"shop", "a:b", "ü", "shop.12"} {
			seen := map[string]bool{}
			for i := range n {
				tag := Tag(name, i, n)
				require.Equal(t, i, slot(tag)*n/slots, tag)
				require.True(t, IsTag(tag), tag)
				require.False(t, seen[tag])
				seen[tag] = true
			}
		}
	}
}

func TestIsTag(t *testing.T) {
	for name, is := range map[string]bool{"shop": false, "shop.12": false, "shop.ab": false, "shop12ab": false, "shop.12ab": true, "shop.v2": false,
		".12ab": false, "a.b.1c": true, "shop.12abC": false, "shop.12ab.": false} {
		require.Equal(t, is, IsTag(name), name)
	}
}

// Doubling the number of buckets divides each in two.
func TestBucketOf(t *testing.T) {
	for _, text := range []string{"acme", "", "%7B%7D", "ünï", strings.Repeat("x", 256)} {
		for n := 1; n < MaxBuckets; n *= 2 {
			require.Equal(t, BucketOf(text, n), BucketOf(text, 2*n)/2)
			require.Equal(t, BucketOf(text, n), slot(text)*n/slots)
		}
	}
	require.Equal(t, 12182, slot("foo"), "as CLUSTER KEYSLOT says")
}

func TestKeysOfBuckets(t *testing.T) {
	k := New("{shop}")
	require.Equal(t, DefaultBuckets, k.Buckets())
	k.Divide(8)
	in := k.In("acme")
	i, is := in.InBucket()
	require.True(t, is)
	require.Equal(t, BucketOf("acme", 8), i)
	require.Equal(t, "{"+Tag("shop", i, 8)+"}:", in.Prefix)
	require.Equal(t, "@acme", in.Cell)
	require.Equal(t, k, in.Home())
	require.Equal(t, in, k.In("other").In("acme"))
	require.True(t, k.Whole())
	require.False(t, in.Whole())
	require.False(t, k.Bucket(0).Whole())
	for j := range 8 {
		b, ok := k.BucketAt(k.Bucket(j).Parts())
		require.True(t, ok)
		require.Equal(t, k.Bucket(j), b)
	}
	for _, name := range []string{"{shop}:rql:parts", "{shop.9a}:x", "{shop.0}:x", "{shop.1zzzzzz}:x", "{shop.99999999999999999999a}:x", "shop.0a:x", "{shop."} {
		_, ok := k.BucketAt(name)
		require.False(t, ok, name)
	}
	k.Divide(1)
	require.Equal(t, "{shop}:", k.In("acme").Prefix)
	require.Equal(t, "{shop}:", k.Bucket(0).Prefix)
	require.True(t, k.Bucket(0).Whole())

	require.Equal(t, "x{a:b}y:", New("x{a:b}y").Home().Prefix)
	b := New("x{a:b}y").Bucket(3)
	require.Equal(t, "x{"+Tag("a:b", 3, DefaultBuckets)+"}y:", b.Prefix)
	for _, plain := range []string{"", "shop", "{}", "{shop", "a}b"} {
		p := New(plain)
		require.Equal(t, 1, p.Buckets(), plain)
		require.Equal(t, p.Prefix, p.In("acme").Prefix)
	}
}
