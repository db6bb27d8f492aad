/** Where the agent's socket is unless told otherwise; for the configuration of the agent and for its clients. */
export const DEFAULT_SOCKET = '/run/sriov/agent.sock';
