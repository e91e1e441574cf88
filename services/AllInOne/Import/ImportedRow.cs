namespace CloudPbx.AllInOne.Import;

/// <summary>What became of one row of a file.</summary>
/// <param name="File">Which file: users, lines, dial plan.</param>
/// <param name="Line">Its line there.</param>
/// <param name="Subject">What it is about.</param>
/// <param name="Taken">Whether it is in the document now.</param>
/// <param name="Note">What was made of it, or why it was left out.</param>
internal sealed record ImportedRow(string File, int Line, string Subject, bool Taken, string Note);
