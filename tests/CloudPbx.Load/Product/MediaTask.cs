using CloudPbx.Contracts.Ids;
using CloudPbx.Load.Generators;

namespace CloudPbx.Load.Product;

/// <summary>What a media node does with the calls of a bench.</summary>
internal sealed record MediaTask
{
    /// <summary>What the callers speak.</summary>
    public Voice Caller { get; init; } = Voice.Pcma;

    /// <summary>What the called parties speak; another codec than the callers' is transcoded.</summary>
    public Voice Called { get; init; } = Voice.Pcma;

    /// <summary>Whether the callers' side is encrypted (SDES, AES_CM_128_HMAC_SHA1_80).</summary>
    public bool IsEncrypted { get; init; }

    /// <summary>Whether every call is recorded.</summary>
    public bool IsRecorded { get; init; }

    /// <summary>Where all parties meet; null: each call's two talk with each other.</summary>
    public ConferenceId? Conference { get; init; }

    /// <summary>Whether packets tell when they were sent.</summary>
    public bool IsTimed { get; init; }
}
