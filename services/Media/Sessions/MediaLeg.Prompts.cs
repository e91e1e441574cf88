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

    private const int MaxOwnSounds = 8;

    private PlayedPrompt? _prompt;
    private bool _isToldDeaf;

    /// <summary>Plays sounds over whatever it does, now or as soon as the codecs are agreed on and own sounds are fetched; the same name again changes nothing.</summary>
    /// <returns>Why not, or null.</returns>
    public string? Prompt(PromptRequest prompt)
    {
        if (prompt.Name.Length == 0 || prompt.Sounds.Count is 0 or > MaxSounds || prompt.Own.Count > MaxOwnSounds)
            return LegFaults.BadCommand;
        if (!prompt.Sounds.All(name => prompt.Own.Any(own => own.Name == name) || parts.Sounds.Has(name)) || prompt.Own.Any(own => own.Instead is { } instead && !parts.Sounds.Has(instead)))
            return LegFaults.NoSuchSound;
        if (_prompt?.Request.Name == prompt.Name)
            return null;
        if (!prompt.Loop && CannotHear())
            return negotiation.Deafness;                          // who waits for its end waits for nothing
        PlayedPrompt playing = _prompt = new PlayedPrompt(prompt);
        Task<OwnAudio?>[] fetched = [.. prompt.Own.Select(parts.OwnSounds.LoadAsync)];
        if (Array.TrueForAll(fetched, task => task.IsCompletedSuccessfully))
            Play(playing, fetched);
        else
            _ = PlayWhenFetchedAsync(playing, fetched);           // owned by the leg: it looks whether it is wanted still
        return null;
    }

    private async Task PlayWhenFetchedAsync(PlayedPrompt prompt, Task<OwnAudio?>[] fetched)
    {
        await ((Task)Task.WhenAll(fetched)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        lock (gate)
        {
            // What was to be queued is still to be heard when something else was asked for meanwhile.
            if (!_ended && (prompt.Request.Queue || _prompt == prompt))
                Play(prompt, fetched);
        }
    }

    private void Play(PlayedPrompt prompt, Task<OwnAudio?>[] fetched)
    {
        for (int i = 0; i < fetched.Length; i++)
        {
            if (fetched[i].IsCompletedSuccessfully && fetched[i].Result is { } audio)
                prompt.Own[prompt.Request.Own[i].Name] = audio;
        }
        prompt.IsFetched = true;
        PostPrompt(prompt, again: false);
    }

    /// <summary>Presses keys: as telephone events where the peer takes them, else as tones.</summary>
    public void SendDigits(string digits)
    {
        digits = digits[..Math.Min(digits.Length, MaxDigits)];
        if (PlayingOf(digits) is { } playing)
            loop.Post(() => stream.Play(playing, queue: true));
    }

    private void PostPrompt(PlayedPrompt prompt, bool again)
    {
        if (!prompt.IsFetched || _settings is not { Media: not null })
            return;
        PromptRequest request = prompt.Request;
        bool cannotHear = CannotHear();
        string[] names = [.. request.Sounds.Select(name => prompt.Own.ContainsKey(name) ? name : request.Own.FirstOrDefault(own => own.Name == name) is { } missing ? missing.Instead : name).OfType<string>()];
        if ((names.Length == 0 || (cannotHear && !request.Loop)) && !again)
        {
            reports.Played(id, request.Name, PromptEnd.Finished, '\0');
            return;
        }
        if (cannotHear && !request.Loop)
        {
            loop.Post(() => stream.FinishPlaying(request.Name));  // nobody hears the rest, and somebody waits for the end
            return;
        }
        Playing? playing = cannotHear ? new CoveringPlaying { Name = request.Name, Until = request.Until }
            : MakePlaying(names, request.Loop, name: request.Name, until: request.Until, own: prompt.Own);
        if (playing is null)
            return;
        if (again)
            loop.Post(() => stream.Replay(playing));
        else
            loop.Post(() => stream.Play(playing, request.Queue));
    }

    /// <summary>Whether the peer can be played nothing, which is told of once: its codec can only be passed on.</summary>
    private bool CannotHear()
    {
        if (negotiation.Deafness is null)
            return false;
        if (!_isToldDeaf)
            parts.Unheard(id, negotiation.Agreed!.Codec.Name);
        _isToldDeaf = true;
        return true;
    }

    private Playing? PlayingOf(string digits) => _settings is not { Media: { } media } ? null
        : media.SendTelephoneEvent is { } events ? new EventPlaying(digits, (byte)events.PayloadType, events.Codec.ClockRate)
        : MakePlaying([.. digits.Select(d => $"dtmf/{d}").Where(parts.Sounds.Has)], loops: false);

    /// <summary>What a leg without telephone events is played when its partner presses a key. Encoded now: on the loop it is only taken.</summary>
    private Func<char, Playing?>? TonesFor(NegotiatedMedia partner)
    {
        if (negotiation.Policy.SignalledDigits || _settings is not { Media: { SendTelephoneEvent: null } media } || !partner.Receive.Any(f => f.Codec.IsTelephoneEvent) || MakePlaying(["dtmf/0"], loops: false) is null)
            return null;
        int milliseconds = AudioFormats.FrameTime(media, negotiation.Policy.PtimeMilliseconds);
        Dictionary<char, EncodedSound> sounds = "0123456789*#ABCD".ToDictionary(d => d, d => parts.Sounds.Find($"dtmf/{d}", AudioFormats.Of(media.Codec), milliseconds)!);
        return digit => sounds.TryGetValue(digit, out EncodedSound? sound) ? new SoundPlaying([sound], (byte)media.Send.PayloadType, media.Codec.ClockRate, false) : null;
    }

    /// <summary>What a leg with telephone events is sent when its partner, which has none, presses a key.</summary>
    private Func<char, Playing?>? EventsFor(NegotiatedMedia media, LegPolicy partner) => SettingsBuilder.HearsInbandDigits(media, partner) && _settings is { Media.SendTelephoneEvent: { } events }
        ? digit => new EventPlaying(digit.ToString(), (byte)events.PayloadType, events.Codec.ClockRate)
        : null;

    private SoundPlaying? MakePlaying(string[] names, bool loops, bool yields = false, string name = "", string until = "", Dictionary<string, OwnAudio>? own = null)
    {
        if (_settings is not { Media: { } media } || names.Length == 0)
            return null;
        var sounds = new EncodedSound[names.Length];
        for (int i = 0; i < sounds.Length; i++)
        {
            AudioFormat format = AudioFormats.Of(media.Codec);
            int milliseconds = AudioFormats.FrameTime(media, negotiation.Policy.PtimeMilliseconds);
            if ((own is not null && own.TryGetValue(names[i], out OwnAudio? audio) ? audio.Find(format, milliseconds) : parts.Sounds.Find(names[i], format, milliseconds)) is not { } sound)
                return null;
            sounds[i] = sound;
        }
        return new SoundPlaying(sounds, (byte)media.Send.PayloadType, media.Codec.ClockRate, loops) { YieldsToPartner = yields, Name = name, Until = until };
    }

    /// <summary>A prompt with what was fetched for it: kept here as long as it plays, also where the node has no room for it any more.</summary>
    private sealed class PlayedPrompt(PromptRequest request)
    {
        public PromptRequest Request => request;

        public Dictionary<string, OwnAudio> Own { get; } = [];

        public bool IsFetched { get; set; }
    }
}
