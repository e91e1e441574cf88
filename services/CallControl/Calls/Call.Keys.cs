using CloudPbx.Contracts.Trunks;
using CloudPbx.Net.Timers;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.UserAgents;

namespace CloudPbx.CallControl.Calls;

/// <summary>
/// Keys on their way to a carrier, whose profile says how it wants them: a phone's INFO becomes a telephone event or a tone, a telephone event an INFO. What needs no change
/// passes through the media node, unseen here. So do keys by INFO for a phone that takes none.
/// </summary>
internal sealed partial class Call
{
    private const int MostKeys = 64;                              // that wait for a carrier which does not answer

    /// <summary>How long a phone's first key by INFO waits: one that sends telephone events as well tells it again when the key is released, and must not have it pressed twice.</summary>
    private static readonly TimeSpan s_firstKey = TimeSpan.FromMilliseconds(400);

    private readonly Dictionary<int, KeysOfLeg> _keysOf = [];

    /// <summary>A party sends its keys in the media: what it says by INFO besides is said already, from now on.</summary>
    /// <returns>Whether its keys by INFO were passed on until now.</returns>
    private bool HearsKeysOf(int leg)
    {
        KeysOfLeg keys = KeysOf(leg);
        bool wasPassed = keys.ByInfo;
        (keys.ByMedia, keys.ByInfo, keys.Waiting) = (true, false, "");
        return wasPassed;
    }

    /// <summary>A party pressed a key in the media: a carrier that wants INFO gets one.</summary>
    private void TellOfKey(int number, char key, int milliseconds)
    {
        if (_legs.Find(leg => leg.Number == number) is { } leg && Partner(leg) is { TakesDigitsByInfo: true } carrier)
            Press(carrier, key.ToString(), milliseconds);
    }

    /// <summary>A party told by INFO of a key that the other one is to get in another way.</summary>
    private void PassKey(CallLeg from, CallLeg to, char key)
    {
        KeysOfLeg keys = KeysOf(from.Number);
        if (keys.ByInfo || from.Carrier is { Trunk.Profile.Dtmf: not TrunkDtmf.Rfc4733 })
            Press(to, key.ToString());
        else if (!keys.ByMedia && keys.Waiting.Length < MostKeys && (keys.Waiting += key).Length == 1)
            _tenant.Scheduler.Start(() => WaitForKeyAsync(from, keys));
    }

    private async Task WaitForKeyAsync(CallLeg from, KeysOfLeg keys)
    {
        _passing++;                                               // a call that moves now would leave the keys behind
        Task pause = _tenant.DelayAsync(s_firstKey, out TimerHandle timer);
        await _tenant.Scheduler.FirstOf([pause, _release.Task, .. EndsOf(from)]);
        timer.Cancel();
        _passing--;
        (string waiting, keys.Waiting) = (keys.Waiting, "");
        if (keys.ByMedia)
            return;
        keys.ByInfo = true;
        if (Partner(from) is { } to && !_over.IsCancellationRequested)
            Press(to, waiting);
    }

    /// <summary>Gives a party keys in its own way; by INFO one after the other, since two on their way at once may change places.</summary>
    private void Press(CallLeg to, string keys, int milliseconds = InfoDigit.UsualMilliseconds)
    {
        if (!to.TakesDigitsByInfo)
        {
            _tenant.Scheduler.Start(() => SendDigitsAsync(to, keys));
            return;
        }
        Queue<(char Key, int Milliseconds)> sending = KeysOf(to.Number).ToSend;
        bool isSending = sending.Count > 0;
        foreach (char key in keys)
            if (sending.Count < MostKeys)
                sending.Enqueue((key, milliseconds));
        if (!isSending)
            _tenant.Scheduler.Start(() => SendKeysAsync(to, sending));
    }

    private async Task SendKeysAsync(CallLeg carrier, Queue<(char Key, int Milliseconds)> keys)
    {
        _passing++;
        try
        {
            while (keys.TryPeek(out (char Key, int Milliseconds) next))
            {
                try
                {
                    if (carrier.Dialog is { IsEnded: false } dialog && !(await dialog.SendAsync(SipMethod.Info, InfoDigit.Write(next.Key, next.Milliseconds), null)).IsSuccess)
                        await Media.SendDigitsAsync(carrier.Media, next.Key.ToString(), CancellationToken.None);      // it takes none: better heard as a tone than not at all
                }
                finally
                {
                    keys.Dequeue();
                }
            }
        }
        finally
        {
            _passing--;
        }
    }

    private async Task SendDigitsAsync(CallLeg to, string keys)
    {
        _passing++;
        try
        {
            await Media.SendDigitsAsync(to.Media, keys, CancellationToken.None);
        }
        finally
        {
            _passing--;
        }
    }

    private KeysOfLeg KeysOf(int leg) => _keysOf.TryGetValue(leg, out KeysOfLeg? known) ? known : _keysOf[leg] = new KeysOfLeg();

    /// <summary>How a party's keys come and go.</summary>
    private sealed class KeysOfLeg
    {
        /// <summary>It has sent a key in the media.</summary>
        public bool ByMedia { get; set; }

        /// <summary>It sends its keys by INFO alone.</summary>
        public bool ByInfo { get; set; }

        /// <summary>Keys by INFO of which it is not known yet whether they come in the media, too.</summary>
        public string Waiting { get; set; } = "";

        /// <summary>Keys that it is to be sent by INFO, the first one under way.</summary>
        public Queue<(char Key, int Milliseconds)> ToSend { get; } = new();
    }
}
