/**
 * Which addresses the outbound client may dial. Checked at the socket, on the very address that is dialled, so that no
 * name, redirect or changing DNS answer can bypass it. Names are checked as they resolve; literal addresses, which
 * nothing resolves, as they are dialled.
 */
import { lookup as systemLookup, type LookupAddress } from 'node:dns';
import { Agent as HttpAgent, type AgentOptions, type ClientRequestArgs } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import type { Duplex } from 'node:stream';

/** A rule for IPv4 holds for its IPv4-mapped form (`::ffff:…`) as well: `BlockList` sees to that. */
type Subnet = readonly [network: string, prefix: number];

/**
 * Never a vendor, whoever configured it: the unspecified address (this machine), link-local, multicast, and the
 * metadata services of clouds, also through NAT64.
 */
const FORBIDDEN_SUBNETS: readonly Subnet[] = [
  ['0.0.0.0', 8],
  ['169.254.0.0', 16],
  ['100.100.100.200', 32],
  ['224.0.0.0', 4],
  ['255.255.255.255', 32],
  ['::', 128],
  ['fe80::', 10],
  ['ff00::', 8],
  ['fd00:ec2::254', 128],
  ['64:ff9b::169.254.0.0', 112],
  ['64:ff9b::100.100.100.200', 128],
];

/** This machine or this network: fine for an address that the operator configured, never for one from outside. */
const PRIVATE_SUBNETS: readonly Subnet[] = [
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['240.0.0.0', 4],
  // `::1`, and IPv4 in its oldest disguise.
  ['::', 96],
  ['fc00::', 7],
  ['fec0::', 10],
  // Tunnels and translators, which embed an IPv4 address.
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  ['2001::', 32],
  ['2002::', 16],
];

function blockListOf(subnets: readonly Subnet[]): BlockList {
  const list = new BlockList();
  for (const [network, prefix] of subnets) list.addSubnet(network, prefix, network.includes(':') ? 'ipv6' : 'ipv4');
  return list;
}

const never = blockListOf(FORBIDDEN_SUBNETS);
const fromOutside = blockListOf([...FORBIDDEN_SUBNETS, ...PRIVATE_SUBNETS]);

/** Whether an IP address may be dialled. `untrusted`: it came from outside. Anything else may not. */
export function mayDial(address: string, untrusted: boolean): boolean {
  const family = isIP(address);
  return family !== 0 && !(untrusted ? fromOutside : never).check(address, family === 6 ? 'ipv6' : 'ipv4');
}

/** The socket was never opened. The error holds only this `code`. */
export const NOT_ALLOWED = 'address not allowed';

const notAllowed = (): NodeJS.ErrnoException => Object.assign(new Error(NOT_ALLOWED), { code: NOT_ALLOWED });

/** Resolves as `lookup` does, without the addresses that may not be dialled; an error when none is left. */
function guardedLookup(untrusted: boolean, lookup: LookupFunction): LookupFunction {
  return (hostname, options, done) => {
    lookup(hostname, { ...options, all: true }, (error, found) => {
      if (error) return done(error, '');
      const allowed = asList(found).filter(({ address }) => mayDial(address, untrusted));
      const [first] = allowed;
      if (first === undefined) return done(notAllowed(), '');
      if (options.all) done(null, allowed);
      else done(null, first.address, first.family);
    });
  };
}

/** A resolver that was not asked for all of them, or did not listen, gives one. */
const asList = (found: string | readonly LookupAddress[]): readonly LookupAddress[] =>
  typeof found === 'string' ? [{ address: found, family: isIP(found) }] : found;

interface Agents {
  readonly httpAgent: HttpAgent;
  readonly httpsAgent: HttpsAgent;
}

/**
 * Agents that keep connections open between calls: a page must not wait for a handshake. Trusted and untrusted
 * addresses have agents of their own, so that one never gets a socket that was opened for the other.
 */
export function guardedAgents(untrusted: boolean, lookup: LookupFunction = systemLookup): Agents {
  const options: AgentOptions & { lookup: LookupFunction } = {
    keepAlive: true,
    lookup: guardedLookup(untrusted, lookup),
  };
  return {
    httpAgent: guarded(new HttpAgent(options), untrusted),
    httpsAgent: guarded(new HttpsAgent(options), untrusted),
  };
}

type Connected = (error: Error | null, socket: Duplex) => void;

/** Node does not resolve a literal address, so it is checked where the socket would be opened. */
function guarded<A extends HttpAgent>(agent: A, untrusted: boolean): A {
  const connect = agent.createConnection.bind(agent);
  agent.createConnection = (options: ClientRequestArgs, connected?: Connected) => {
    const host = options.host ?? '';
    if (isIP(host) === 0 || mayDial(host, untrusted)) return connect(options, connected);
    process.nextTick(() => connected?.(notAllowed(), undefined as unknown as Duplex));
    return undefined;
  };
  return agent;
}
