using CloudPbx.Media.Mixing;

namespace CloudPbx.Media.Sessions;

/// <summary>A leg's place with the mixer.</summary>
/// <param name="Conference">Which.</param>
/// <param name="Rights">What it may.</param>
/// <param name="Alone">It does nothing else: a conference. Otherwise it is supervised beside its bridge.</param>
/// <param name="Signals">The others hear that it comes and leaves.</param>
internal sealed record MixPlace(Guid Conference, MixRights Rights, bool Alone, bool Signals)
{
    /// <summary>Once the codecs are agreed on.</summary>
    public Participant? Participant { get; set; }
}
