namespace CloudPbx.Media.Relay;

/// <summary>Packets of a fixed rate, of the hearer's own codec or of the other law, that have another packet time than it has asked for: they are re-packetised (INTEROP I50), all others are passed on as they are.</summary>
internal sealed partial class MediaStream
{
    private const int SteadyPackets = 50;           // of the hearer's packet time in a row, and a sender that mixes packet times is taken for one that does not

    private int _statedLength;                      // of the map
    private int _repacking;                         // how many more packets are, though they have the hearer's packet time

    /// <summary>Whether a packet is re-packetised that could be passed on.</summary>
    private bool IsRepacked(AudioFormat format, int length)
    {
        if (_statedLength == 0 || !AudioFormats.HasFixedRate(format) || (length == _statedLength && _repacking == 0))
            return false;
        if (Map is not { } map || !map.IsRepacked(format) || map.Packer is not { } packer)
            return false;
        if (length != _statedLength)
        {
            if (_repacking == 0)
                packer.Restart();
            _repacking = SteadyPackets;
        }
        else if (_repacking > 1 || packer.IsEmpty)
            _repacking--;                           // no sample is left behind
        return _repacking > 0;
    }
}
