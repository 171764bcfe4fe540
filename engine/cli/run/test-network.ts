/** The venue's test network. */
export const TEST_NETWORK = 'wss://test.deribit.com/ws/api/v2';
