/**
 * What the life of a binding refuses.
 *
 * Owns the class and its codes. A refusal to bind is no error but a `Refusal`.
 */
import { SriovError } from '../../errors.ts';

/**
 * A step that the port's state does not allow; nothing was changed. `code` is one of:
 *
 * - `SRIOV_PORT_IN_USE` (409, Neutron's PortInUse): the vnic type of a bound port
 * - `SRIOV_PORT_BOUND` (409, PortBound): the MAC of a bound port; the network of one bound elsewhere; bound by someone faster
 * - `SRIOV_NUMA_BOUND` (409, PortBoundNUMAAffinityPolicy): the NUMA policy of a bound port
 * - `SRIOV_BINDING_EXISTS` (409, PortBindingAlreadyExists): the port has a binding on that host
 * - `SRIOV_BINDING_ACTIVE` (409, PortBindingAlreadyActive)
 * - `SRIOV_NOT_BOUND` (409): an unbound or failed binding can't be made the active one
 * - `SRIOV_BUSY` (409): other work on the port is not done
 * - `SRIOV_NO_BINDING` (404, PortBindingNotFound)
 * - `SRIOV_NOT_COMPUTE` (400): only ports of instances and shares have several bindings
 */
export class LifeError extends SriovError {
  /** As Neutron answers over HTTP. */
  readonly status: 400 | 404 | 409;

  constructor(code: string, status: 400 | 404 | 409, message: string) {
    super(code, message);
    this.status = status;
  }
}
