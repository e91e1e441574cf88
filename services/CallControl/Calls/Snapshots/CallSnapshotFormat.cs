using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace CloudPbx.CallControl.Calls.Snapshots;

/// <summary>How a snapshot is written: short JSON, its version first. Workers of different releases run side by side during an upgrade, so what is not known is ignored.</summary>
internal static partial class CallSnapshotFormat
{
    /// <summary>Reads a snapshot of this or an earlier version.</summary>
    /// <param name="octets">What was stored.</param>
    /// <param name="snapshot">The snapshot.</param>
    /// <param name="fault">Why it was refused.</param>
    /// <returns>False when a later version wrote it, or nobody who knew how.</returns>
    public static bool TryRead(ReadOnlySpan<byte> octets, [NotNullWhen(true)] out CallSnapshot? snapshot, [NotNullWhen(false)] out string? fault)
    {
        snapshot = null;
        fault = null;
        try
        {
            // The version alone first: the rest of another version need not be readable at all.
            int version = JsonSerializer.Deserialize(octets, SnapshotJson.Default.VersionOnly)?.Version ?? 0;
            if (version is < 1 or > CallSnapshot.CurrentVersion)
                fault = $"version {version}, this worker reads 1 to {CallSnapshot.CurrentVersion}";
            else if ((snapshot = JsonSerializer.Deserialize(octets, SnapshotJson.Default.CallSnapshot)) is null || !IsComplete(snapshot))
                fault = "incomplete";
        }
        catch (JsonException e)
        {
            fault = e.Message;
        }
        if (fault is not null)
            snapshot = null;
        return fault is null;
    }

    private static bool IsComplete(CallSnapshot snapshot) =>
        snapshot.Phase == CallPhase.Ended ? snapshot.Ended is not null : snapshot is { Record: not null, Legs.Count: > 0 };

    internal sealed record VersionOnly(int Version);

    [JsonSourceGenerationOptions(
        PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, UseStringEnumConverter = true)]
    [JsonSerializable(typeof(CallSnapshot))]
    [JsonSerializable(typeof(VersionOnly))]
    internal sealed partial class SnapshotJson : JsonSerializerContext;
}
