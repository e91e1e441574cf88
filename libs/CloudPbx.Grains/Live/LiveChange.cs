using Orleans;

namespace CloudPbx.Grains.Live;

/// <summary>What changed among a tenant's extensions and calls, or all of them as they stand. Crosses to Api by the tenant's grain (whole) and by its live channel (what changed).</summary>
[GenerateSerializer, Immutable, Alias("CloudPbx.LiveChange")]
public sealed record LiveChange
{
    /// <summary>The activation that tells; where another one tells, everything is to be asked for again.</summary>
    [Id(0)] public required long Epoch { get; init; }

    /// <summary>Counts the activation's changes; where one is missing, everything is to be asked for again.</summary>
    [Id(1)] public required long Sequence { get; init; }

    /// <summary>The extensions that are otherwise now.</summary>
    [Id(2)] public IReadOnlyList<LiveExtension> Extensions { get; init; } = [];

    /// <summary>The calls that are new or otherwise now.</summary>
    [Id(3)] public IReadOnlyList<LiveCall> Calls { get; init; } = [];

    /// <summary>The calls that are over.</summary>
    [Id(4)] public IReadOnlyList<CloudPbx.Contracts.Ids.CallId> Ended { get; init; } = [];

    /// <summary>Reads what the channel carried.</summary>
    /// <param name="octets">UTF-8 JSON.</param>
    /// <returns>The change; <see langword="null"/> where it is none, as another version may have written it.</returns>
    public static LiveChange? Read(ReadOnlySpan<byte> octets)
    {
        try
        {
            return System.Text.Json.JsonSerializer.Deserialize(octets, LiveJson.Default.LiveChange);
        }
        catch (System.Text.Json.JsonException)
        {
            return null;
        }
    }

    /// <summary>Writes it for the channel.</summary>
    /// <returns>UTF-8 JSON.</returns>
    public byte[] ToBytes() => System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(this, LiveJson.Default.LiveChange);
}
