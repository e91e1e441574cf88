using CloudPbx.Contracts.Ids;

namespace CloudPbx.State.Trunks;

/// <summary>What a tenant's owner has learned of a trunk by its calls, so that the next owner need not learn it again.</summary>
/// <param name="Trunk">Which trunk.</param>
/// <param name="Content">What; its format and version are its writer's business.</param>
public sealed record StoredTrunkNote(TrunkId Trunk, ReadOnlyMemory<byte> Content);
