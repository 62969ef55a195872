// The code under test: a shop that tells its customers. It is given a comet server and does not care which one.

/** Marks an order as shipped, and tells its customer and the packing room. */
export async function shipOrder(comet, order) {
  order.state = 'shipped'
  await comet.sendToUser(order.customerId, 'order', { id: order.id, state: order.state })
  await comet.publish('packing_room', 'done', { id: order.id })
}
