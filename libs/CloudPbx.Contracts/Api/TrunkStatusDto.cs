using CloudPbx.Contracts.Trunks;

namespace CloudPbx.Contracts.Api;

/// <summary>A trunk as it stands now.</summary>
public sealed record TrunkStatusDto
{
    /// <summary>The trunk's name.</summary>
    public required string Name { get; init; }

    /// <summary>How the carrier knows us.</summary>
    public required TrunkKind Kind { get; init; }

    /// <summary>Whether it may be used.</summary>
    public required bool Enabled { get; init; }

    /// <summary>Calls over it now, both directions, those that ring included: the channels in use.</summary>
    public required int Calls { get; init; }

    /// <summary>Calls at one time at most, <see langword="null"/>: no limit.</summary>
    public int? MaxChannels { get; init; }

    /// <summary>A registered trunk's lines; none while it is disabled, and none of an IP trunk.</summary>
    public required IReadOnlyList<TrunkLineDto> Lines { get; init; }
}
