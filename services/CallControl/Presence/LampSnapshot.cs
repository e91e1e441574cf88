using System.Text.Json;
using System.Text.Json.Serialization;
using CloudPbx.Contracts.Ids;
using CloudPbx.Sip.UserAgents;
using CloudPbx.State.Bindings;

namespace CloudPbx.CallControl.Presence;

/// <summary>What the tenant's next owner needs of a busy lamp. Workers of different releases run side by side during an upgrade, so what is not known is ignored.</summary>
internal sealed partial record LampSnapshot
{
    /// <summary>The format that is written.</summary>
    public const int CurrentVersion = 1;

    public required int Version { get; init; }

    public required DeviceId Device { get; init; }

    public required string Extension { get; init; }

    public required string Entity { get; init; }

    public required string FlowToken { get; init; }

    public Binding? Binding { get; init; }

    public required SubscriptionState Subscription { get; init; }

    /// <summary>Reads a snapshot.</summary>
    /// <returns>Null where a later version wrote it, or nobody who knew how: the phone's next refresh gets 481, and it begins anew.</returns>
    public static LampSnapshot? TryRead(ReadOnlySpan<byte> octets)
    {
        try
        {
            return JsonSerializer.Deserialize(octets, LampJson.Default.LampSnapshot) is { Version: CurrentVersion } snapshot ? snapshot : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Writes it.</summary>
    public byte[] ToOctets() => JsonSerializer.SerializeToUtf8Bytes(this, LampJson.Default.LampSnapshot);

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, UseStringEnumConverter = true)]
    [JsonSerializable(typeof(LampSnapshot))]
    internal sealed partial class LampJson : JsonSerializerContext;
}
