using CloudPbx.Contracts.Live;

namespace CloudPbx.Contracts.Api;

/// <summary>An extension as it stands now.</summary>
public sealed record LiveExtensionDto
{
    /// <summary>Its number.</summary>
    public required string Number { get; init; }

    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>What it does.</summary>
    public required ExtensionState State { get; init; }

    /// <summary>Its registered phones, the most preferred first.</summary>
    public required IReadOnlyList<LivePhoneDto> Phones { get; init; }
}
