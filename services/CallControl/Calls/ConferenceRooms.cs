using CloudPbx.Contracts.Ids;

namespace CloudPbx.CallControl.Calls;

/// <summary>Who is in which conference room of a tenant. Used on the tenant's thread.</summary>
/// <remarks>A lock that a moderator set by telephone is gone when the last one leaves; another owner learns of it from the parties' snapshots.</remarks>
internal sealed class ConferenceRooms
{
    /// <summary>Parties that a room takes.</summary>
    public const int Capacity = 200;

    private readonly Dictionary<ConferenceId, Room> _rooms = [];

    /// <summary>A party comes.</summary>
    /// <param name="room">The room.</param>
    /// <param name="call">Its call.</param>
    /// <param name="isModerator">A lock does not keep it out.</param>
    /// <returns>How many are there now; 0 where it is locked, -1 where it is full.</returns>
    public int Enter(ConferenceId room, Call call, bool isModerator)
    {
        if (!_rooms.TryGetValue(room, out Room? there))
            _rooms[room] = there = new Room();
        if (there.IsLocked && !isModerator && !there.Calls.Contains(call))
            return 0;
        if (there.Calls.Count >= Capacity && !there.Calls.Contains(call))
            return -1;
        there.Calls.Add(call);
        return there.Calls.Count;
    }

    /// <summary>A party is in a room since an earlier owner's time.</summary>
    /// <param name="room">The room.</param>
    /// <param name="call">Its call.</param>
    /// <param name="isLocked">Whether it was locked then.</param>
    public void Restore(ConferenceId room, Call call, bool isLocked)
    {
        Enter(room, call, isModerator: true);
        _rooms[room].IsLocked |= isLocked;
    }

    /// <summary>A party is gone; nothing happens where it was not there.</summary>
    public void Leave(ConferenceId room, Call call)
    {
        if (_rooms.TryGetValue(room, out Room? there) && there.Calls.Remove(call) && there.Calls.Count == 0)
            _rooms.Remove(room);
    }

    /// <summary>Whether a moderator has locked a room by telephone.</summary>
    public bool IsLocked(ConferenceId room) => _rooms.TryGetValue(room, out Room? there) && there.IsLocked;

    /// <summary>Locks a room that somebody is in, or opens it again.</summary>
    public void SetLocked(ConferenceId room, bool isLocked)
    {
        if (!_rooms.TryGetValue(room, out Room? there) || there.IsLocked == isLocked)
            return;
        there.IsLocked = isLocked;
        foreach (Call call in there.Calls)
            call.RoomChanged();
    }

    private sealed class Room
    {
        public HashSet<Call> Calls { get; } = [];

        public bool IsLocked { get; set; }
    }
}
