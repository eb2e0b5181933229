import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { isIP } from 'node:net';
import { bits, boolean, der, integer, objectIdentifier, octets, sequence, set, text, time } from './der.ts';

/** PEM of a certificate and of its private key (ECDSA P-256). */
export interface KeyAndCertificate {
  readonly key: string;
  readonly certificate: string;
}

export interface LeafRequest {
  /** To Kubernetes the user's name. */
  readonly commonName: string;
  /** To Kubernetes the user's groups. */
  readonly organizations?: readonly string[];
  /** DNS names and IP addresses that a server's certificate is for. */
  readonly hosts?: readonly string[];
  readonly usage: 'client' | 'server';
}

export interface CertificateAuthority extends KeyAndCertificate {
  readonly commonName: string;
  issue(request: LeafRequest): KeyAndCertificate;
}

const validityMs = 30 * 24 * 3600 * 1000;
/** Clocks of one machine agree, so this only spares the first second. */
const backdatingMs = 3600 * 1000;

/** A new authority for tests. Certificates follow RFC 5280. */
export function certificateAuthority(commonName: string): CertificateAuthority {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const issuer: Issuer = { name: nameOf(commonName, []), key: privateKey, keyIdentifier: keyIdentifierOf(publicKey) };
  const extensions = [extension(oid.basicConstraints, sequence(boolean(true))), extension(oid.keyUsage, bits(Buffer.from([0b0000_0110]), 1))];
  return openCertificateAuthority({ commonName, key: pemOf(privateKey), certificate: certify(issuer, { name: issuer.name, publicKey, extensions }) });
}

/** The same authority again, from what another process knows of it. */
export function openCertificateAuthority({ commonName, key, certificate }: Omit<CertificateAuthority, 'issue'>): CertificateAuthority {
  const issuer: Issuer = { name: nameOf(commonName, []), key: createPrivateKey(key), keyIdentifier: keyIdentifierOf(createPublicKey(key)) };
  return {
    commonName,
    key,
    certificate,
    issue: (request) => {
      const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
      const name = nameOf(request.commonName, request.organizations ?? []);
      return { key: pemOf(privateKey), certificate: certify(issuer, { name, publicKey, extensions: leafExtensions(request) }) };
    },
  };
}

const pemOf = (key: KeyObject): string => key.export({ type: 'sec1', format: 'pem' }).toString();

interface Issuer {
  readonly name: Buffer;
  readonly key: KeyObject;
  readonly keyIdentifier: Buffer;
}

interface Subject {
  readonly name: Buffer;
  readonly publicKey: KeyObject;
  readonly extensions: readonly Buffer[];
}

const oid = {
  commonName: '2.5.4.3',
  organization: '2.5.4.10',
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAlternativeName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  authorityKeyIdentifier: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
  serverAuthentication: '1.3.6.1.5.5.7.3.1',
  clientAuthentication: '1.3.6.1.5.5.7.3.2',
} as const;

function certify(issuer: Issuer, { name, publicKey, extensions }: Subject): string {
  const algorithm = sequence(objectIdentifier(oid.ecdsaWithSha256));
  const now = Date.now();
  const keyIdentifiers = [extension(oid.subjectKeyIdentifier, octets(keyIdentifierOf(publicKey))), extension(oid.authorityKeyIdentifier, sequence(der(0x80, issuer.keyIdentifier)))];
  const toBeSigned = sequence(
    der(0xa0, integer(Buffer.from([2]))),
    integer(serialNumber()),
    algorithm,
    issuer.name,
    sequence(time(new Date(now - backdatingMs)), time(new Date(now + validityMs))),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(...extensions, ...keyIdentifiers)),
  );
  const certificate = sequence(toBeSigned, algorithm, bits(sign('sha256', toBeSigned, issuer.key)));
  return `-----BEGIN CERTIFICATE-----\n${certificate.toString('base64').replace(/.{64}/g, '$&\n').trimEnd()}\n-----END CERTIFICATE-----\n`;
}

function leafExtensions({ hosts = [], usage }: LeafRequest): Buffer[] {
  const purpose = usage === 'server' ? oid.serverAuthentication : oid.clientAuthentication;
  return [
    extension(oid.keyUsage, bits(Buffer.from([0b1000_0000]), 7)),
    extension(oid.extendedKeyUsage, sequence(objectIdentifier(purpose))),
    ...(hosts.length === 0 ? [] : [extension(oid.subjectAlternativeName, sequence(...hosts.map(generalName)))]),
  ];
}

/** Critical where RFC 5280 wants it: what a certificate authority is, and what its key may do. */
function extension(identifier: string, value: Buffer): Buffer {
  const critical = identifier === oid.basicConstraints || identifier === oid.keyUsage;
  return sequence(objectIdentifier(identifier), ...(critical ? [boolean(true)] : []), octets(value));
}

function generalName(host: string): Buffer {
  return isIP(host) === 4 ? der(0x87, Buffer.from(host.split('.').map(Number))) : der(0x82, Buffer.from(host));
}

function nameOf(commonName: string, organizations: readonly string[]): Buffer {
  const attributes = [...organizations.map((value) => [oid.organization, value] as const), [oid.commonName, commonName] as const];
  return sequence(...attributes.map(([type, value]) => set(sequence(objectIdentifier(type), text(value)))));
}

/** Positive and never starting with a zero byte, as DER wants integers. */
function serialNumber(): Buffer {
  const bytes = randomBytes(16);
  bytes.writeUInt8((bytes.readUInt8(0) & 0x3f) | 0x40, 0);
  return bytes;
}

function keyIdentifierOf(publicKey: KeyObject): Buffer {
  return createHash('sha1').update(publicKey.export({ type: 'spki', format: 'der' })).digest();
}
