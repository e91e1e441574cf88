using CloudPbx.Media.Playback;
using CloudPbx.Media.Relay;
using CloudPbx.MediaControl;
using CloudPbx.Sdp;

namespace CloudPbx.Media.Sessions;

/// <summary>What a leg's peer is played, and the keys that are pressed for it.</summary>
internal sealed partial class MediaLeg
{
    private const int MaxSounds = 64;
    private const int MaxDigits = 64;

    private PromptRequest? _prompt;

    /// <summary>Plays sounds over whatever it does, now or as soon as the codecs are agreed on; the same name again changes nothing.</summary>
    /// <returns>Why not, or null.</returns>
    public string? Prompt(PromptRequest prompt)
    {
        if (prompt.Name.Length == 0 || prompt.Sounds.Count is 0 or > MaxSounds)
            return LegFaults.BadCommand;
        if (!prompt.Sounds.All(parts.Sounds.Has))
            return LegFaults.NoSuchSound;
        if (_prompt?.Name == prompt.Name)
            return null;
        _prompt = prompt;
        PostPrompt(again: false);
        return null;
    }

    /// <summary>Presses keys: as telephone events where the peer takes them, else as tones.</summary>
    public void SendDigits(string digits)
    {
        digits = digits[..Math.Min(digits.Length, MaxDigits)];
        if (PlayingOf(digits) is { } playing)
            loop.Post(() => stream.Play(playing, queue: true));
    }

    private void PostPrompt(bool again)
    {
        if (_prompt is not { } prompt || MakePlaying(prompt.Sounds, prompt.Loop, name: prompt.Name, until: prompt.Until) is not { } playing)
            return;
        if (again)
            loop.Post(() => stream.Replay(playing));
        else
            loop.Post(() => stream.Play(playing, prompt.Queue));
    }

    private Playing? PlayingOf(string digits) => _settings is not { Media: { } media } ? null
        : media.SendTelephoneEvent is { } events ? new EventPlaying(digits, (byte)events.PayloadType, events.Codec.ClockRate)
        : MakePlaying([.. digits.Select(d => $"dtmf/{d}").Where(parts.Sounds.Has)], loops: false);

    /// <summary>What a leg without telephone events is played when its partner presses a key. Encoded now: on the loop it is only taken.</summary>
    private Func<char, Playing?>? TonesFor(NegotiatedMedia partner)
    {
        if (_settings is not { Media: { SendTelephoneEvent: null } media } || !partner.Receive.Any(f => f.Codec.IsTelephoneEvent) || MakePlaying(["dtmf/0"], loops: false) is null)
            return null;
        int milliseconds = AudioFormats.FrameTime(media, negotiation.Policy.PtimeMilliseconds);
        Dictionary<char, EncodedSound> sounds = "0123456789*#ABCD".ToDictionary(d => d, d => parts.Sounds.Find($"dtmf/{d}", AudioFormats.Of(media.Codec), milliseconds)!);
        return digit => sounds.TryGetValue(digit, out EncodedSound? sound) ? new SoundPlaying([sound], (byte)media.Send.PayloadType, media.Codec.ClockRate, false) : null;
    }

    /// <summary>What a leg with telephone events is sent when its partner, which has none, presses a key.</summary>
    private Func<char, Playing?>? EventsFor(LegPolicy partner) => partner.InbandDigits && _settings is { Media.SendTelephoneEvent: { } events }
        ? digit => new EventPlaying(digit.ToString(), (byte)events.PayloadType, events.Codec.ClockRate)
        : null;

    private SoundPlaying? MakePlaying(IReadOnlyList<string> names, bool loops, bool yields = false, string name = "", string until = "")
    {
        if (_settings is not { Media: { } media } || names.Count == 0)
            return null;
        var sounds = new EncodedSound[names.Count];
        for (int i = 0; i < sounds.Length; i++)
        {
            if (parts.Sounds.Find(names[i], AudioFormats.Of(media.Codec), AudioFormats.FrameTime(media, negotiation.Policy.PtimeMilliseconds)) is not { } sound)
                return null;
            sounds[i] = sound;
        }
        return new SoundPlaying(sounds, (byte)media.Send.PayloadType, media.Codec.ClockRate, loops) { YieldsToPartner = yields, Name = name, Until = until };
    }
}
