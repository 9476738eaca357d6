package testredis

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// Authority signs certificates for tests.
type Authority struct {
	File string // its own certificate, PEM

	t    testing.TB
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

// Certificate names the files of a certificate and its key, PEM.
type Certificate struct{ Cert, Key string }

// NewAuthority returns a new authority that no system trusts.
func NewAuthority(t testing.TB) *Authority {
	t.Helper()
	a := &Authority{t: t}
	a.cert = &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "tests " + filepath.Base(t.TempDir())}, NotBefore: time.Now().Add(-time.Hour),
		NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	c := a.sign(a.cert)
	a.File = c.Cert
	return a
}

// Issue signs a certificate for a host, by name or IP address, that is valid
// until the given time.
func (a *Authority) Issue(host string, until time.Time) Certificate {
	c := &x509.Certificate{SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: host}, NotBefore: time.Now().Add(-2 * time.Hour),
		NotAfter: until, KeyUsage: x509.KeyUsageDigitalSignature}
	if ip := net.ParseIP(host); ip != nil {
		c.IPAddresses = []net.IP{ip}
	} else {
		c.DNSNames = []string{host}
	}
	return a.sign(c)
}

// sign creates a key and a certificate for it; the first one is self-signed.
func (a *Authority) sign(c *x509.Certificate) Certificate {
	a.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		a.t.Fatal(err)
	}
	if a.key == nil {
		a.key = key
	}
	der, err := x509.CreateCertificate(rand.Reader, c, a.cert, &key.PublicKey, a.key)
	if err != nil {
		a.t.Fatal(err)
	}
	text, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		a.t.Fatal(err)
	}
	dir := a.t.TempDir()
	out := Certificate{filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")}
	a.write(out.Cert, "CERTIFICATE", der)
	a.write(out.Key, "PRIVATE KEY", text)
	return out
}

func (a *Authority) write(name, kind string, der []byte) {
	a.t.Helper()
	if err := os.WriteFile(name, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		a.t.Fatal(err)
	}
}

// Serve returns the arguments and the port of a server that speaks TLS on the
// loopback interface. clients says whether it requires client certificates of
// the authority: "no" or "yes".
func (a *Authority) Serve(c Certificate, clients string) (args []string, addr string) {
	port := freePort(a.t)
	return []string{"--bind", "127.0.0.1", "--tls-port", port, "--tls-cert-file", c.Cert, "--tls-key-file", c.Key, "--tls-ca-cert-file", a.File, "--tls-auth-clients", clients}, "127.0.0.1:" + port
}
