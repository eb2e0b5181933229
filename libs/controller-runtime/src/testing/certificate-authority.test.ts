import { X509Certificate } from 'node:crypto';
import { expect, test } from 'vitest';
import { certificateAuthority, openCertificateAuthority } from './certificate-authority.ts';

test('a server certificate names its hosts and is signed by the authority', () => {
  const authority = certificateAuthority('authority');
  const leaf = new X509Certificate(authority.issue({ commonName: 'server', hosts: ['localhost', '127.0.0.1'], usage: 'server' }).certificate);
  expect(leaf.verify(new X509Certificate(authority.certificate).publicKey)).toBe(true);
  expect(leaf.checkIssued(new X509Certificate(authority.certificate))).toBe(true);
  expect(leaf.subjectAltName).toBe('DNS:localhost, IP Address:127.0.0.1');
  expect(new X509Certificate(authority.certificate).ca).toBe(true);
});

test('a user certificate carries the name and every group, and fits its key', () => {
  const { certificate, key } = certificateAuthority('authority').issue({ commonName: 'jane', organizations: ['readers', 'writers'], usage: 'client' });
  const leaf = new X509Certificate(certificate);
  expect(leaf.subject).toBe('O=readers\nO=writers\nCN=jane');
  expect(leaf.ca).toBe(false);
  expect(key).toMatch(/^-----BEGIN EC PRIVATE KEY-----/);
});

test('an authority opened again issues what the first one is trusted for', () => {
  const { commonName, key, certificate } = certificateAuthority('authority');
  const leaf = new X509Certificate(openCertificateAuthority({ commonName, key, certificate }).issue({ commonName: 'x', usage: 'client' }).certificate);
  expect(leaf.checkIssued(new X509Certificate(certificate))).toBe(true);
  expect(leaf.verify(new X509Certificate(certificate).publicKey)).toBe(true);
});
