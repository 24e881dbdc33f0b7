package org.wasix4j.system.thread;

import java.util.function.Supplier;

/**
 * Makes sure that there is stack left before something is begun that must not break off in the
 * middle. A guest decides how deep its stack is when it calls the host. An overflow inside the host
 * or the JDK can leave a lock locked, a list half linked, or a class whose initialiser failed and
 * that can never be used again. So the overflow has to strike here, where nothing was changed yet.
 *
 * <p>Java cannot ask how much stack is left, so the room is taken by a recursion: a level has
 * {@value #VALUES} values that live across a call, so its frame is 2 KB when it is compiled, and 4
 * KB when it is interpreted. The values are read at the last level only, and seldom: the room is
 * part of every frame. A branch that was never taken would be left out by the compiler, and its
 * values with it; so each thread reads them in its first call.
 */
public final class StackRoom {

    /** Levels for a host call: 48 KB. The deepest was seen to need 28 KB. */
    private static final int FOR_CALLS = 24;

    /** Levels for a call that uses nothing new of the JDK: 24 KB. */
    private static final int FOR_TRANSFERS = 12;

    /** Levels for code of the embedder, as a library of logging that is used first: 128 KB. */
    private static final int FOR_STRANGERS = 64;

    private static final int VALUES = 250;

    /**
     * One of so many calls of a thread reads the values, which takes 200 ns, as long as the
     * compiler may still find out what is executed; and one of so many later.
     */
    private static final int OFTEN = 32;

    private static final int SELDOM = 1024;

    /** Anything in memory: what is read before a call cannot be read after it instead. */
    private static final long[] SOURCE = new long[VALUES];

    private StackRoom() {}

    /**
     * Throws {@link StackOverflowError} when there is not enough stack for a host call.
     *
     * @param calls how many calls the thread has made, with this one
     */
    public static void require(long calls) {
        descend(FOR_CALLS, isToRead(calls));
    }

    /** As {@link #require}, for calls that are frequent and need less. */
    public static void requireForTransfer(long calls) {
        descend(FOR_TRANSFERS, isToRead(calls));
    }

    private static boolean isToRead(long calls) {
        return calls % (calls < SELDOM ? OFTEN : SELDOM) == 1;
    }

    /**
     * Runs code that is not ours: on this thread when it has the stack that such code can expect,
     * else on another while this one waits. The caller has made sure of the room for a host call.
     */
    public static void runForeign(Runnable code) {
        if (isWide()) {
            code.run();
        } else {
            FreshStack.run(code);
        }
    }

    /** As {@link #runForeign}, with a result. */
    public static <T> T callForeign(Supplier<T> code) {
        return isWide() ? code.get() : FreshStack.call(code);
    }

    private static boolean isWide() {
        try {
            descend(FOR_STRANGERS, false);
            return true;
        } catch (StackOverflowError e) {
            return false;
        }
    }

    private static long descend(int levels, boolean read) {
        if (levels > 0) {
            return descend(levels - 1, read);
        }
        if (!read) {
            return 0;
        }
        long[] from = SOURCE;
        long v0 = from[0];
        long v1 = from[1];
        long v2 = from[2];
        long v3 = from[3];
        long v4 = from[4];
        long v5 = from[5];
        long v6 = from[6];
        long v7 = from[7];
        long v8 = from[8];
        long v9 = from[9];
        long v10 = from[10];
        long v11 = from[11];
        long v12 = from[12];
        long v13 = from[13];
        long v14 = from[14];
        long v15 = from[15];
        long v16 = from[16];
        long v17 = from[17];
        long v18 = from[18];
        long v19 = from[19];
        long v20 = from[20];
        long v21 = from[21];
        long v22 = from[22];
        long v23 = from[23];
        long v24 = from[24];
        long v25 = from[25];
        long v26 = from[26];
        long v27 = from[27];
        long v28 = from[28];
        long v29 = from[29];
        long v30 = from[30];
        long v31 = from[31];
        long v32 = from[32];
        long v33 = from[33];
        long v34 = from[34];
        long v35 = from[35];
        long v36 = from[36];
        long v37 = from[37];
        long v38 = from[38];
        long v39 = from[39];
        long v40 = from[40];
        long v41 = from[41];
        long v42 = from[42];
        long v43 = from[43];
        long v44 = from[44];
        long v45 = from[45];
        long v46 = from[46];
        long v47 = from[47];
        long v48 = from[48];
        long v49 = from[49];
        long v50 = from[50];
        long v51 = from[51];
        long v52 = from[52];
        long v53 = from[53];
        long v54 = from[54];
        long v55 = from[55];
        long v56 = from[56];
        long v57 = from[57];
        long v58 = from[58];
        long v59 = from[59];
        long v60 = from[60];
        long v61 = from[61];
        long v62 = from[62];
        long v63 = from[63];
        long v64 = from[64];
        long v65 = from[65];
        long v66 = from[66];
        long v67 = from[67];
        long v68 = from[68];
        long v69 = from[69];
        long v70 = from[70];
        long v71 = from[71];
        long v72 = from[72];
        long v73 = from[73];
        long v74 = from[74];
        long v75 = from[75];
        long v76 = from[76];
        long v77 = from[77];
        long v78 = from[78];
        long v79 = from[79];
        long v80 = from[80];
        long v81 = from[81];
        long v82 = from[82];
        long v83 = from[83];
        long v84 = from[84];
        long v85 = from[85];
        long v86 = from[86];
        long v87 = from[87];
        long v88 = from[88];
        long v89 = from[89];
        long v90 = from[90];
        long v91 = from[91];
        long v92 = from[92];
        long v93 = from[93];
        long v94 = from[94];
        long v95 = from[95];
        long v96 = from[96];
        long v97 = from[97];
        long v98 = from[98];
        long v99 = from[99];
        long v100 = from[100];
        long v101 = from[101];
        long v102 = from[102];
        long v103 = from[103];
        long v104 = from[104];
        long v105 = from[105];
        long v106 = from[106];
        long v107 = from[107];
        long v108 = from[108];
        long v109 = from[109];
        long v110 = from[110];
        long v111 = from[111];
        long v112 = from[112];
        long v113 = from[113];
        long v114 = from[114];
        long v115 = from[115];
        long v116 = from[116];
        long v117 = from[117];
        long v118 = from[118];
        long v119 = from[119];
        long v120 = from[120];
        long v121 = from[121];
        long v122 = from[122];
        long v123 = from[123];
        long v124 = from[124];
        long v125 = from[125];
        long v126 = from[126];
        long v127 = from[127];
        long v128 = from[128];
        long v129 = from[129];
        long v130 = from[130];
        long v131 = from[131];
        long v132 = from[132];
        long v133 = from[133];
        long v134 = from[134];
        long v135 = from[135];
        long v136 = from[136];
        long v137 = from[137];
        long v138 = from[138];
        long v139 = from[139];
        long v140 = from[140];
        long v141 = from[141];
        long v142 = from[142];
        long v143 = from[143];
        long v144 = from[144];
        long v145 = from[145];
        long v146 = from[146];
        long v147 = from[147];
        long v148 = from[148];
        long v149 = from[149];
        long v150 = from[150];
        long v151 = from[151];
        long v152 = from[152];
        long v153 = from[153];
        long v154 = from[154];
        long v155 = from[155];
        long v156 = from[156];
        long v157 = from[157];
        long v158 = from[158];
        long v159 = from[159];
        long v160 = from[160];
        long v161 = from[161];
        long v162 = from[162];
        long v163 = from[163];
        long v164 = from[164];
        long v165 = from[165];
        long v166 = from[166];
        long v167 = from[167];
        long v168 = from[168];
        long v169 = from[169];
        long v170 = from[170];
        long v171 = from[171];
        long v172 = from[172];
        long v173 = from[173];
        long v174 = from[174];
        long v175 = from[175];
        long v176 = from[176];
        long v177 = from[177];
        long v178 = from[178];
        long v179 = from[179];
        long v180 = from[180];
        long v181 = from[181];
        long v182 = from[182];
        long v183 = from[183];
        long v184 = from[184];
        long v185 = from[185];
        long v186 = from[186];
        long v187 = from[187];
        long v188 = from[188];
        long v189 = from[189];
        long v190 = from[190];
        long v191 = from[191];
        long v192 = from[192];
        long v193 = from[193];
        long v194 = from[194];
        long v195 = from[195];
        long v196 = from[196];
        long v197 = from[197];
        long v198 = from[198];
        long v199 = from[199];
        long v200 = from[200];
        long v201 = from[201];
        long v202 = from[202];
        long v203 = from[203];
        long v204 = from[204];
        long v205 = from[205];
        long v206 = from[206];
        long v207 = from[207];
        long v208 = from[208];
        long v209 = from[209];
        long v210 = from[210];
        long v211 = from[211];
        long v212 = from[212];
        long v213 = from[213];
        long v214 = from[214];
        long v215 = from[215];
        long v216 = from[216];
        long v217 = from[217];
        long v218 = from[218];
        long v219 = from[219];
        long v220 = from[220];
        long v221 = from[221];
        long v222 = from[222];
        long v223 = from[223];
        long v224 = from[224];
        long v225 = from[225];
        long v226 = from[226];
        long v227 = from[227];
        long v228 = from[228];
        long v229 = from[229];
        long v230 = from[230];
        long v231 = from[231];
        long v232 = from[232];
        long v233 = from[233];
        long v234 = from[234];
        long v235 = from[235];
        long v236 = from[236];
        long v237 = from[237];
        long v238 = from[238];
        long v239 = from[239];
        long v240 = from[240];
        long v241 = from[241];
        long v242 = from[242];
        long v243 = from[243];
        long v244 = from[244];
        long v245 = from[245];
        long v246 = from[246];
        long v247 = from[247];
        long v248 = from[248];
        long v249 = from[249];
        // never inlined, it is too long: all the values have to be kept meanwhile
        long deeper = descend(0, false);
        from[0] = deeper;
        return deeper + v0 + v1 + v2 + v3 + v4 + v5 + v6 + v7 + v8 + v9 + v10 + v11 + v12 + v13
                + v14 + v15 + v16 + v17 + v18 + v19 + v20 + v21 + v22 + v23 + v24 + v25 + v26 + v27
                + v28 + v29 + v30 + v31 + v32 + v33 + v34 + v35 + v36 + v37 + v38 + v39 + v40 + v41
                + v42 + v43 + v44 + v45 + v46 + v47 + v48 + v49 + v50 + v51 + v52 + v53 + v54 + v55
                + v56 + v57 + v58 + v59 + v60 + v61 + v62 + v63 + v64 + v65 + v66 + v67 + v68 + v69
                + v70 + v71 + v72 + v73 + v74 + v75 + v76 + v77 + v78 + v79 + v80 + v81 + v82 + v83
                + v84 + v85 + v86 + v87 + v88 + v89 + v90 + v91 + v92 + v93 + v94 + v95 + v96 + v97
                + v98 + v99 + v100 + v101 + v102 + v103 + v104 + v105 + v106 + v107 + v108 + v109
                + v110 + v111 + v112 + v113 + v114 + v115 + v116 + v117 + v118 + v119 + v120 + v121
                + v122 + v123 + v124 + v125 + v126 + v127 + v128 + v129 + v130 + v131 + v132 + v133
                + v134 + v135 + v136 + v137 + v138 + v139 + v140 + v141 + v142 + v143 + v144 + v145
                + v146 + v147 + v148 + v149 + v150 + v151 + v152 + v153 + v154 + v155 + v156 + v157
                + v158 + v159 + v160 + v161 + v162 + v163 + v164 + v165 + v166 + v167 + v168 + v169
                + v170 + v171 + v172 + v173 + v174 + v175 + v176 + v177 + v178 + v179 + v180 + v181
                + v182 + v183 + v184 + v185 + v186 + v187 + v188 + v189 + v190 + v191 + v192 + v193
                + v194 + v195 + v196 + v197 + v198 + v199 + v200 + v201 + v202 + v203 + v204 + v205
                + v206 + v207 + v208 + v209 + v210 + v211 + v212 + v213 + v214 + v215 + v216 + v217
                + v218 + v219 + v220 + v221 + v222 + v223 + v224 + v225 + v226 + v227 + v228 + v229
                + v230 + v231 + v232 + v233 + v234 + v235 + v236 + v237 + v238 + v239 + v240 + v241
                + v242 + v243 + v244 + v245 + v246 + v247 + v248 + v249;
    }
}
