namespace CloudPbx.State.Presence;

/// <summary>What a tenant's owner keeps of a subscription, so that the next owner can go on with it.</summary>
/// <param name="Number">Which one; unique in its tenant.</param>
/// <param name="ExpiresAt">When it ends, UTC.</param>
/// <param name="Content">Its state; its format and version are its writer's business.</param>
public sealed record StoredSubscription(string Number, DateTime ExpiresAt, ReadOnlyMemory<byte> Content);
