using CloudPbx.MediaControl;
using CloudPbx.Media.Relay;
using CloudPbx.Net.Sockets;

namespace CloudPbx.Media.Mixing;

/// <summary>
/// The mixing clock: one thread, apart from the loops, that makes a frame of every conference each 20 ms, by deadlines of its own. What is mixed goes back to the
/// loops, which alone number, encrypt and send.
/// </summary>
/// <remarks>The public members are for any thread; they post.</remarks>
internal sealed class Mixer : IDisposable
{
    private const int FrameMicroseconds = SpeechIn.TickMilliseconds * 1000;
    private const int MaxBurst = 5;                         // frames made up for after a stall; what is older is skipped
    private static readonly TimeSpan s_frame = TimeSpan.FromMicroseconds(FrameMicroseconds);

    private readonly EpollLoop _thread;
    private readonly MediaClock _clock;
    private readonly IReadOnlyList<MediaLoop> _loops;
    private readonly Dictionary<Guid, Conference> _conferences = [];
    private readonly List<Conference> _mixed = [];
    private readonly Dictionary<LegId, (Guid Id, Participant Participant)> _places = [];
    private readonly bool[] _hasNews;
    private readonly Action _tick;
    private long _due;
    private long _frames, _microseconds;
    private int _participants;

    /// <summary>Makes it; <see cref="Start"/> begins it.</summary>
    /// <param name="clock">The media clock.</param>
    /// <param name="loops">The node's loops.</param>
    /// <param name="onFault">Told of a bug of ours; mixing goes on.</param>
    /// <param name="urgency">See <see cref="MediaOptions.Urgency"/>.</param>
    public Mixer(MediaClock clock, IReadOnlyList<MediaLoop> loops, Action<Exception> onFault, Urgency urgency = Urgency.None)
    {
        _thread = new EpollLoop("mixer", onFault) { Urgency = urgency };
        _clock = clock;
        _loops = loops;
        _hasNews = new bool[loops.Count];
        _tick = Tick;
    }

    /// <summary>Octets that the thread has allocated.</summary>
    public long AllocatedBytes => _thread.AllocatedBytes;

    /// <summary>Parties in all conferences.</summary>
    public int Participants => Volatile.Read(ref _participants);

    /// <summary>Frames of parties that were made so far.</summary>
    public long Frames => Volatile.Read(ref _frames);

    /// <summary>Microseconds that they took.</summary>
    public long Microseconds => Volatile.Read(ref _microseconds);

    public void Start() => _thread.Start();

    /// <summary>Has a party take part; where it does already, its rights change.</summary>
    /// <param name="id">The conference; it begins with its first party and ends with its last.</param>
    /// <param name="participant">The party.</param>
    /// <param name="rights">What it may.</param>
    /// <param name="signals">Whether the others hear that it comes and leaves.</param>
    public void Join(Guid id, Participant participant, MixRights rights, bool signals) => _thread.Post(() =>
    {
        if (_places.TryGetValue(participant.Leg, out (Guid Id, Participant Participant) place))
            Remove(participant.Leg, place.Id, place.Participant, signals: false);
        participant.Rights = rights;
        Conference conference = Open(id);
        conference.Add(participant);
        _places[participant.Leg] = (id, participant);
        Count();
        if (signals)
            conference.Announce(came: true);
    });

    /// <summary>Changes what a party may.</summary>
    public void Allow(LegId leg, MixRights rights) => _thread.Post(() =>
    {
        if (_places.TryGetValue(leg, out (Guid Id, Participant Participant) place))
            place.Participant.Rights = rights;
    });

    /// <summary>Another offer/answer of a party.</summary>
    public void Apply(LegId leg, MixFormat format) => _thread.Post(() =>
    {
        if (_places.TryGetValue(leg, out (Guid Id, Participant Participant) place))
            place.Participant.Apply(format);
    });

    /// <summary>A party leaves; where it led, everybody does.</summary>
    /// <param name="participant">The party.</param>
    /// <param name="signals">Whether the others hear it.</param>
    public void Leave(Participant participant, bool signals) => _thread.Post(() =>
    {
        if (_places.TryGetValue(participant.Leg, out (Guid Id, Participant Participant) place) && place.Participant == participant)
            Remove(participant.Leg, place.Id, participant, signals);
    });

    /// <summary>Counts the parties once everything has been done that was asked for before.</summary>
    public Task<int> CountAsync()
    {
        TaskCompletionSource<int> counted = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _thread.Post(() => counted.SetResult(_places.Count));
        return counted.Task;
    }

    public void Dispose() => _thread.Dispose();

    private Conference Open(Guid id)
    {
        if (_conferences.TryGetValue(id, out Conference? conference))
            return conference;
        _conferences[id] = conference = new Conference();
        _mixed.Add(conference);
        if (_mixed.Count == 1)
        {
            _due = _clock.Microseconds + FrameMicroseconds;
            _thread.SetTick(s_frame, _tick);
        }
        return conference;
    }

    private void Remove(LegId leg, Guid id, Participant participant, bool signals)
    {
        _places.Remove(leg);
        Conference conference = _conferences[id];
        conference.Remove(participant);
        if (participant.Rights.Leads)
        {
            while (conference.Participants.Count > 0)
            {
                Participant left = conference.Participants[^1];
                conference.Remove(left);
                _places.Remove(left.Leg);
                left.OnReleased?.Invoke();
            }
        }
        if (signals && conference.Participants.Count > 0)
            conference.Announce(came: false);
        if (conference.Participants.Count == 0)
        {
            _conferences.Remove(id);
            _mixed.Remove(conference);
            if (_mixed.Count == 0)
                _thread.SetTick(TimeSpan.Zero, null);
        }
        Count();
    }

    private void Count() => Volatile.Write(ref _participants, _places.Count);

    // By the deadlines, not by the number of ticks: the timer says when it is time to look.
    private void Tick()
    {
        long now = _clock.Microseconds;
        if (now - _due > MaxBurst * FrameMicroseconds)
            _due = now;
        bool made = false;
        for (; now + (FrameMicroseconds / 2) >= _due; _due += FrameMicroseconds, made = true)
        {
            foreach (Conference conference in _mixed)
            {
                conference.Mix(_due / 1000);
                Volatile.Write(ref _frames, _frames + conference.Participants.Count);
            }
        }
        if (!made)
            return;
        foreach (Conference conference in _mixed)
        {
            for (int i = 0; i < conference.Participants.Count; i++)
                _hasNews[conference.Participants[i].Port.Loop.Number] = true;
        }
        for (int i = 0; i < _hasNews.Length; i++)
        {
            if (_hasNews[i])
                _loops[i].SendMixed();
            _hasNews[i] = false;
        }
        Volatile.Write(ref _microseconds, _microseconds + _clock.Microseconds - now);
    }
}
