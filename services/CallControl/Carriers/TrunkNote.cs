using System.Text.Json;
using System.Text.Json.Serialization;
using CloudPbx.Contracts.Trunks;

namespace CloudPbx.CallControl.Carriers;

/// <summary>What the tenant's next owner shall know of a trunk. Workers of different releases run side by side during an upgrade, so what is not known is ignored.</summary>
internal sealed partial record TrunkNote
{
    /// <summary>The format that is written.</summary>
    public const int CurrentVersion = 1;

    public required int Version { get; init; }

    /// <summary>Of which carrier all this is: <see cref="CarrierOf"/>.</summary>
    public required string Carrier { get; init; }

    public LearnedRel100? Rel100 { get; init; }

    public CallFailure? Failure { get; init; }

    /// <summary>A trunk's carrier: with another server it is another one.</summary>
    public static string CarrierOf(TrunkSettings trunk) => trunk.OutboundProxy is { } proxy ? $"{Text(trunk.Server)} by {Text(proxy)}" : Text(trunk.Server);

    /// <summary>Reads a note.</summary>
    /// <returns>Null where a later version wrote it, or nobody who knew how: it is learned anew.</returns>
    public static TrunkNote? TryRead(ReadOnlySpan<byte> octets)
    {
        try
        {
            return JsonSerializer.Deserialize(octets, NoteJson.Default.TrunkNote) is { Version: CurrentVersion } note ? note : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Writes it.</summary>
    public byte[] ToOctets() => JsonSerializer.SerializeToUtf8Bytes(this, NoteJson.Default.TrunkNote);

    private static string Text(TrunkServer server) => $"{server.Host}:{server.Port};{server.Transport}";

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, IgnoreReadOnlyProperties = true)]
    [JsonSerializable(typeof(TrunkNote))]
    internal sealed partial class NoteJson : JsonSerializerContext;
}
