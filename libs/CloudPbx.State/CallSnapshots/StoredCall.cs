using CloudPbx.Contracts.Ids;

namespace CloudPbx.State.CallSnapshots;

/// <summary>What a tenant's owner keeps of a call, so that the next owner can go on with it.</summary>
/// <param name="Call">Which call.</param>
/// <param name="Content">The snapshot; its format and version are its writer's business.</param>
public sealed record StoredCall(CallId Call, ReadOnlyMemory<byte> Content);
