using CloudPbx.Contracts.Ids;

namespace CloudPbx.Contracts.Api;

/// <summary>A source, or one account as it is used from a source, that gets no answer for a while because it guessed passwords.</summary>
public sealed record BanDto
{
    /// <summary>An IPv4 address, or an IPv6 network as <c>2001:db8:0:1::/64</c>.</summary>
    public required string Source { get; init; }

    /// <summary>The account's tenant; absent where the whole source is banned.</summary>
    public TenantId? Tenant { get; init; }

    /// <summary>The account's user name as it was sent, control characters removed; absent where the whole source is banned.</summary>
    public string? Account { get; init; }

    /// <summary>From when, UTC.</summary>
    public required DateTime Since { get; init; }

    /// <summary>Until when, UTC.</summary>
    public required DateTime Until { get; init; }

    /// <summary>How often it was banned, this time included; each ban is twice as long as the one before.</summary>
    public required int Strikes { get; init; }
}
