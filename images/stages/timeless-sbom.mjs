// Prints a CycloneDX file without its time and serial number, so that the same packages give the same bytes.
import { readFile } from 'node:fs/promises';

const sbom = JSON.parse(await readFile(process.argv[2], 'utf8'));
delete sbom.serialNumber;
delete sbom.metadata?.timestamp;
process.stdout.write(`${JSON.stringify(sbom, null, 1)}\n`);
