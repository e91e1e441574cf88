using System.Net;

namespace CloudPbx.Softphone;

/// <summary>What a call's audio has sent and received.</summary>
/// <param name="Sent">RTP packets sent.</param>
/// <param name="Received">RTP packets received and understood.</param>
/// <param name="Undecryptable">Packets whose SRTP tag was wrong, or that came in clear.</param>
/// <param name="Foreign">Packets of a payload type that was not agreed on.</param>
/// <param name="SourceChanges">How often the SSRC of what is received changed.</param>
/// <param name="Reports">RTCP compounds received.</param>
/// <param name="Source">Where the last packet came from; <see langword="null"/> before the first.</param>
public readonly record struct AudioFigures(long Sent, long Received, long Undecryptable, long Foreign, int SourceChanges, long Reports, IPEndPoint? Source);
