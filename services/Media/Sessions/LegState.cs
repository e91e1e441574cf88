using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;
using CloudPbx.Sdp;

namespace CloudPbx.Media.Sessions;

/// <summary>
/// What another node needs to go on with a leg's negotiation: what was last described to the peer, and what was agreed on. Our key goes along, since there are phones that take no
/// other one from a re-INVITE (baresip 1.0 goes on with the first). Controllers keep it as opaque text, sealed where they write it down.
/// </summary>
/// <remarks>Nodes of different releases run side by side: a member that is added has a default, what is not known is ignored.</remarks>
internal sealed record LegState
{
    private static readonly string[] s_secrets = ["a=crypto:", "a=ice-pwd:"];

    /// <summary>Our last description, its key lines left out.</summary>
    public required string Local { get; init; }

    /// <summary>The peer's formats, the one in use first.</summary>
    public required IReadOnlyList<PayloadFormat> Formats { get; init; }

    /// <summary>How encryption is spoken of.</summary>
    public SrtpOfferForm Form { get; init; }

    /// <summary>The suite in force; null in clear and with DTLS.</summary>
    public string? Suite { get; init; }

    /// <summary>Our key and salt of that suite. Another SSRC makes another key stream of it (RFC 3711 §4.1.1).</summary>
    public byte[]? KeySalt { get; init; }

    /// <summary>Whether RTCP shares the port.</summary>
    public bool RtcpMux { get; init; }

    /// <summary>Whether a fax has taken the audio's place.</summary>
    public bool IsMute { get; init; }

    /// <summary>Our address in it; null where there is none to be read.</summary>
    [JsonIgnore] public IPAddress? Address => SessionDescription.TryParse(Local.AsSpan(), out SessionDescription? local) == SdpParseError.None && local is not null
        ? (local.Connection ?? local.Media.FirstOrDefault(m => m.Connection is not null)?.Connection)?.Address
        : null;

    /// <summary>A description without its secrets.</summary>
    public static string WithoutKeys(SessionDescription description)
    {
        string text = description.Write();
        if (!s_secrets.Any(secret => text.Contains("\n" + secret, StringComparison.Ordinal)))
            return text;
        return string.Concat(
            text.Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Where(line => !s_secrets.Any(secret => line.StartsWith(secret, StringComparison.Ordinal))).Select(line => line + "\r\n"));
    }

    public string Write() => JsonSerializer.Serialize(this, LegStateJson.Default.LegState);

    /// <summary>Reads a state.</summary>
    /// <returns>Null where none of ours wrote it.</returns>
    public static LegState? TryRead(string text)
    {
        try
        {
            return JsonSerializer.Deserialize(text, LegStateJson.Default.LegState);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault, IgnoreReadOnlyProperties = true)]
[JsonSerializable(typeof(LegState))]
internal sealed partial class LegStateJson : JsonSerializerContext;
