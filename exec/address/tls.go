package address

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io/fs"
	"net"
	"net/url"
	"os"
	"slices"
)

// TLS says how the peer of a TLS connection is verified, and which certificate to present. By default, the certificate
// authorities of the system are trusted (SSL_CERT_FILE names others), and the certificate must match the host.
type TLS struct {
	CA         string // file of trusted certificate authorities, PEM
	Cert       string // file of the client certificate and its intermediates, PEM
	Key        string // file of the private key, PEM; "" if Cert contains it
	ServerName string // the name that the certificate must match; "" for the host
	Insecure   bool   // accept any certificate: an attacker on the network can read and change everything
}

// Names of URL parameters.
const (
	settingCA         = "ca"
	settingCert       = "cert"
	settingKey        = "key"
	settingServerName = "server_name"
	settingInsecure   = "insecure"
	settingSkip       = "skip_verify" // the client's name for insecure
)

func tlsSettings() []string {
	return []string{settingCA, settingCert, settingKey, settingServerName, settingInsecure}
}

// take removes the TLS settings from a query and reads them.
func (t *TLS) take(scheme string, q url.Values) error {
	for _, name := range append(tlsSettings(), settingSkip) {
		if !q.Has(name) {
			continue
		}
		v := q.Get(name)
		if IsServer(scheme) && !IsTLS(scheme) {
			return notTLS(scheme, name+" in the database URL")
		}
		switch name {
		case settingCA:
			t.CA = v
		case settingCert:
			t.Cert = v
		case settingKey:
			t.Key = v
		case settingServerName:
			t.ServerName = v
		default:
			if v == "" || !truth.takes(v) {
				return &Error{name + " in the database URL is neither true nor false", "?" + settingInsecure + "=true disables the verification of certificates"}
			}
			t.Insecure = v == "true" || v == "1"
		}
		q.Del(name)
	}
	return nil
}

// notTLS returns the error for a setting that needs TLS when the scheme does not use it.
func notTLS(scheme, what string) *Error {
	if scheme == "unix" {
		return &Error{what + " is for TLS, which a Unix socket does not use", "leave it out"}
	}
	return &Error{what + " is for TLS, which " + scheme + ":// does not use", scheme + "s:// does"}
}

// Or returns t with its unset fields taken from other.
func (t TLS) Or(other TLS) TLS {
	if t.CA == "" && !t.Insecure {
		t.CA, t.Insecure = other.CA, other.Insecure
	}
	if t.Cert == "" && t.Key == "" {
		t.Cert, t.Key = other.Cert, other.Key
	}
	if t.ServerName == "" {
		t.ServerName = other.ServerName
	}
	return t
}

// For returns an error if the settings do not fit the scheme of a URL.
func (t TLS) For(scheme string) error {
	if t != (TLS{}) && !IsTLS(scheme) {
		return notTLS(scheme, "what is said of certificates")
	}
	return nil
}

// Config reads the files and returns the TLS configuration for an address. The certificate must match the address or, for a
// cluster or Sentinels, one of the given hosts. The error is an *Error.
func (t TLS) Config(hosts []string) (func(addr string) *tls.Config, error) {
	base := &tls.Config{MinVersion: tls.VersionTLS12}
	if err := t.authorities(base); err != nil {
		return nil, err
	}
	if err := t.own(base); err != nil {
		return nil, err
	}
	return func(addr string) *tls.Config {
		c := base.Clone()
		if c.ServerName = t.ServerName; c.ServerName == "" {
			c.ServerName = hostOf(addr)
		}
		c.InsecureSkipVerify = t.Insecure
		if t.ServerName != "" || t.Insecure || slices.Contains(hosts, addr) && len(hosts) == 1 {
			return c
		}
		// crypto/tls checks one name only. Its checks are made below, for each of the names.
		names := []string{c.ServerName}
		for _, h := range hosts {
			names = append(names, hostOf(h))
		}
		c.InsecureSkipVerify = true
		c.VerifyConnection = func(s tls.ConnectionState) error { return anyName(s, base.RootCAs, names) }
		return c
	}, nil
}

func hostOf(addr string) string {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return addr
	}
	return host
}

// anyName verifies a certificate as crypto/tls does, and accepts it if it matches any of the names.
func anyName(s tls.ConnectionState, roots *x509.CertPool, names []string) error {
	between := x509.NewCertPool()
	for _, c := range s.PeerCertificates[1:] {
		between.AddCert(c)
	}
	var first error
	for _, name := range names {
		_, err := s.PeerCertificates[0].Verify(x509.VerifyOptions{Roots: roots, Intermediates: between, DNSName: name})
		if err == nil {
			return nil
		}
		if first == nil {
			first = &tls.CertificateVerificationError{UnverifiedCertificates: s.PeerCertificates, Err: err}
		}
	}
	return first
}

// authorities reads the trusted certificate authorities.
func (t TLS) authorities(c *tls.Config) error {
	if t.CA == "" {
		return nil
	}
	if t.Insecure {
		return &Error{"insecure disables the verification of certificates, for which ca is needed", "leave one of them out"}
	}
	pem, err := os.ReadFile(t.CA)
	if err != nil {
		return noFile("ca", t.CA, err)
	}
	if c.RootCAs = x509.NewCertPool(); !c.RootCAs.AppendCertsFromPEM(pem) {
		return &Error{"the file " + t.CA + " (ca) contains no certificate", "it must be PEM: -----BEGIN CERTIFICATE-----"}
	}
	return nil
}

// own reads the client certificate.
func (t TLS) own(c *tls.Config) error {
	if t.Cert == "" {
		if t.Key != "" {
			return &Error{"key names the key of a certificate, and cert is missing", "?cert=client.pem&key=client.key"}
		}
		return nil
	}
	cert, err := os.ReadFile(t.Cert)
	if err != nil {
		return noFile("cert", t.Cert, err)
	}
	key := cert
	if t.Key != "" {
		if key, err = os.ReadFile(t.Key); err != nil {
			return noFile("key", t.Key, err)
		}
	}
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		return &Error{"the certificate " + t.Cert + " cannot be used: " + err.Error(), "cert and key must be PEM and belong together: ?cert=client.pem&key=client.key"}
	}
	c.Certificates = []tls.Certificate{pair}
	return nil
}

func noFile(setting, name string, err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		err = p.Err
	}
	return &Error{"the file " + name + " (" + setting + ") cannot be read: " + err.Error(), "the name is relative to the directory in which the program was started"}
}
